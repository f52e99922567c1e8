"""Shop engines that nobody here wrote, stocked with the demo's goods, to see whether they can be probed and crawled."""
