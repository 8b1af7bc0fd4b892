"""Income withholding orders: where each stands, what its employer answered, who sees and answers which.

`exchange.programs` takes their files in; the doors read and answer orders here. Nothing here routes a file.
"""
