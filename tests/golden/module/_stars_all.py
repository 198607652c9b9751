__all__ = ["chosen", "_chosen_too"]
chosen = 1
_chosen_too = 2
left_out = 3
