"""From utterances and conversations to a release: datasets, fine-tuning, calibration, routing and evaluation."""
