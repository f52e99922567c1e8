"""What the demo dealers sell: the committed CSVs, the script that made them, and their reading and scaling."""
