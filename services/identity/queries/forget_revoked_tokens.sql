DELETE FROM revoked_tokens WHERE expire_time_us < $1
