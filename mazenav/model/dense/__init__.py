"""The paper's networks: a dense hypermodel that predicts every weight of the transition network, and the baseline."""
