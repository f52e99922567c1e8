"""What every demo page is made of: HTML skeleton, the weight of real pages, and deliberately broken JSON-LD."""
