DELETE FROM assertion_ids WHERE expire_time_us < $1
