"""What things cost, as ratios measured side by side in one run. Nothing here is a test: timings are noisy."""
