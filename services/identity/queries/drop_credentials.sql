DELETE FROM client_credentials WHERE client_id = $1
