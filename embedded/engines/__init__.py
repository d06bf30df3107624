"""Engines: what runs in processes of its own, because it is large (a model), may crash (an audio decoder) or
is under the GPL (espeak-ng). Each is a module for `python -m`; `embedded.worker` starts, feeds and ends it.
Nothing else of the backend imports from here.
"""
