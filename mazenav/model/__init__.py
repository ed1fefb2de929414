"""Networks: a map becomes the weights of a world model, which predicts in latent space."""
