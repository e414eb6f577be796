"""审核 over all kinds of records: what waits for whom, what its checks say, what deciding does."""
