"""Sessions of clients: wire protocol in, statements run, messages out."""
