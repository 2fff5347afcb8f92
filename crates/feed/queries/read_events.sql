SELECT seq AS "seq!", kind AS "kind!", subject AS "subject!", client AS "client!", organization AS "organization!",
    person AS "person!", method AS "method!", request_id AS "request_id!", commit_time_us AS "commit_time_us!",
    payload AS "payload!", chain AS "chain!"
FROM feed_events
WHERE seq > $1
ORDER BY seq
LIMIT $2
