UPDATE streamers SET account = $2, person = $3, pairwise_person = $4, state = $5, state_since_us = $6, update_time_us = $7,
    version = $8
WHERE id = $1 AND version = $9
