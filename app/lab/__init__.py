"""`backflip lab`: experiments on learning from feedback, each from one command."""
