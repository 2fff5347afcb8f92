INSERT INTO certificate_claims (certificate, organization, claim_time_us)
VALUES ($1, $2, $3)
