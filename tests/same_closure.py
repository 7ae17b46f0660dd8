"""What every closure has, however it came to be."""

__all__ = ["assert_well_founded"]


def assert_well_founded(closure):
    """Every recorded step rests, in the end, on asserted triples."""
    proved = set(closure.asserted)
    steps = {triple: closure.derivation(triple) for triple in closure if triple not in proved}
    unkept = {premise for step in steps.values() for premise in step.premises} - proved - set(steps)
    steps |= {premise: closure.derivation(premise) for premise in unkept}
    while steps:
        ready = {triple for triple, step in steps.items() if all(p in proved for p in step.premises)}
        assert ready
        proved |= ready
        steps = {triple: step for triple, step in steps.items() if triple not in ready}
