SELECT fingerprint AS "fingerprint!", answer AS "answer!", seq AS "seq!"
FROM requests
WHERE client = $1 AND request_id = $2
