"""Others who saw the record: witnesses that cosign its checkpoints, and authorities that stamp them with a time.

`policy` says which witnesses count, `asking` asks them and `stamping` asks for stamps; `rounds` does both beside the clock. `submission`,
`witnessing` and `serving` are a witness of one's own, which needs neither Django's settings nor a database server.
"""
