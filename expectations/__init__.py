"""Great Expectations suites and the runner that turns a suite and a batch into a report."""
