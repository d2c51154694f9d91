package scenario

var Methods = []string{"round_robin", "ip_hash", "least_conn", "random", "random two least_conn", "hash $remote_addr", "hash $remote_addr consistent"}
