"""The space of mixtures: bounds, linear constraints, few domains, lists of candidates, and the geometry they need.

`mixture_space` has names and checks; the geometry is plain arrays in, plain arrays out: `bounded` has closed forms for
{w : lower <= w <= upper, sum w = 1}, `polytope` adds linear inequalities, `sparse_simplex` and `sparse_polytope` keep
the mixtures of few domains, and `finite` is a list of mixtures.
"""
