"""The geometry of spaces: plain arrays in, plain arrays out; names and checks are in `mixopt.space.mixture_space`.

`bounded` has closed forms for {w : lower <= w <= upper, sum w = 1}, `polytope` adds inequalities, and `finite` is a
list of mixtures.
"""
