class Copy:
    pass
