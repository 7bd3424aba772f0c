"""The program that runs in the containers: it publishes prediction jobs and consumes them."""
