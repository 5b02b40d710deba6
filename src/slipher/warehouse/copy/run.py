def run_copy(run):
    raise NotImplementedError
