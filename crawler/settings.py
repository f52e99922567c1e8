"""Scrapy's settings. Each line differs from Scrapy's default and says why; operators set inventory/settings.py's."""

import sys

from crawler.frontier.mode import put_into
from inventory.settings import SettingsError, process_settings

try:
    _settings = process_settings()
except SettingsError as error:  # Scrapy imports this before any command can say it better
    sys.stderr.write(f"scrapy: {error}\n")
    sys.exit(2)

BOT_NAME = "yardstick"
SPIDER_MODULES = ["crawler.spiders"]
COMMANDS_MODULE = "crawler.commands"  # default ""; `scrapy crawl`, `scrapy dealers`

# Who we are and how politely we ask
USER_AGENT = f"Yardstick/0.1 (+{_settings.contact})" if _settings.contact else "Yardstick/0.1"  # a dealer can reach us
ROBOTSTXT_OBEY = True  # default False
DOWNLOAD_DELAY = (
    _settings.download_delay_s
)  # default 0; dealers have slots of their own (DOWNLOAD_SLOTS, by the spider)
DOWNLOAD_DELAY_JITTER = 0  # default 0.5; a rate that is promised is kept
CONCURRENT_REQUESTS = 32  # default 16; at least 8 a dealer (set by the spider)
COOKIES_ENABLED = False  # default True; stock is public, and a session would make pages differ
TELNETCONSOLE_ENABLED = False  # default True; nobody needs a port into the crawler

# Bounds: a page is 20 MB at most, a redirect chain short, an answer within half a minute
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024  # default 1 GB
DOWNLOAD_WARNSIZE = 0  # default 32 MB, above our maximum
DOWNLOAD_TIMEOUT = 30  # default 180
REDIRECT_MAX_TIMES = 5  # default 20
DOWNLOAD_HANDLERS = {"file": None, "ftp": None, "s3": None, "data": None}  # default: all of them; a page may name any
TWISTED_DNS_RESOLVER = "crawler.fetching.resolver.PublicResolver"  # no public name leads into a private network
CONCURRENT_ITEMS = 4  # default 100; tasks a response, measured faster (docs/architecture.md)
SCHEDULER = "crawler.frontier.local.LocalScheduler"  # counts what is queued, so that each dealer's crawl can close
SCHEDULER_DISK_QUEUE = "scrapy.squeues.MarshalLifoDiskQueue"  # default: pickle, which runs what a file says
SCHEDULER_START_DISK_QUEUE = "scrapy.squeues.MarshalFifoDiskQueue"  # default: pickle as well
SCHEDULER_PRIORITY_QUEUE = "crawler.frontier.holding.HoldingQueue"  # Scrapy's own, whose dealers can be held back

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # DealerGate knows each dealer's hosts
    "crawler.fetching.dealer_gate.DealerGate": 50,  # before robots.txt (100), which it puts into its dealer's slot
    "crawler.fetching.robots_outage.RobotsOutage": 60,  # a robots.txt that fails is no permission
    "crawler.fetching.resolver.PrivateAddresses": 600,  # what the resolver refused is no failure of DNS
    "crawler.fetching.block_pages.BlockPages": 580,  # below HttpCompression (590): before a browser, a retry, a parser
    "crawler.fetching.rendering.fallback.BrowserFallback": 560,  # below HttpCompression (590), above Retry (550)
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # asks again at once
    "crawler.fetching.retries.Retries": 550,  # in its place: asks again later, and feeds the circuit breakers
}
REQUEST_FINGERPRINTER_CLASS = "crawler.fetching.rendering.fingerprint.RenderedApart"  # a drawn page is another answer
SPIDER_MIDDLEWARES = {
    "crawler.tracking.spider_output.FollowTokens": 10,  # nearest to the engine: sees what really leaves the spider
}
EXTENSIONS = {
    "crawler.tracking.crawl_book.CrawlBook": 100,
    "crawler.fetching.breakers.Breakers": 110,
    "crawler.tracking.failure_book.FailureBook": 120,  # after the crawl book, which it asks
    "crawler.tracking.job.Job": 130,  # with JOBDIR
    "crawler.extensions.progress.Progress": 200,
    "crawler.extensions.events.BatchEvents": 250,
    "crawler.extensions.metrics.Metrics": 260,
    "crawler.extensions.snapshot.Snapshot": 300,  # when the crawls are closed
    "scrapy.extensions.logstats.LogStats": None,  # Progress tells it by dealer
    "scrapy.extensions.remote_control.RemoteControl": None,  # nor a port for remote control
    "scrapy.extensions.spiderstate.SpiderState": None,  # nothing is kept in spider.state
}
ITEM_PIPELINES = {
    "pipelines.clean.Clean": 100,
    "pipelines.classify.Classify": 200,
    "pipelines.size.Size": 300,
    "pipelines.identify.Identify": 400,
    "pipelines.store.Store": 900,
}
MEDIA_ALLOW_REDIRECTS = True  # default False; ImageGate looks at where they lead
IMAGES_STORE_S3_ACL = "bucket-owner-full-control"  # default private, which buckets without ACLs refuse
if _settings.images_store:  # thumbnails: docs/operations.md
    IMAGES_STORE = _settings.images_store.rstrip("/") + "/"  # S3's store puts no slash between folder and name
    ITEM_PIPELINES["pipelines.images.Images"] = 500
    DOWNLOADER_MIDDLEWARES["crawler.fetching.image_gate.ImageGate"] = 55  # before robots.txt of pictures' hosts
if _settings.distributed:  # many processes share one queue in Redis: docs/distributed.md
    put_into(globals(), shared=True)
    REDIS_PARAMS = _settings.redis_parameters  # scrapy-redis's; default {}

# Reports
LOG_LEVEL = _settings.log_level  # default DEBUG
LOG_FORMATTER = "crawler.log_formatter.LogFormatter"  # an item in full would fill the log
LOG_VERSIONS: list[str] = []  # default: eight lines of them at each start
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # default ERROR; the crawl book names what failed for good, with its class
STATS_DUMP = False  # default True; the crawls table and the summary tell more in less
FEED_EXPORT_ENCODING = "utf-8"  # default: JSON with every letter escaped
