# Two images from one file: `docker build --target api .` and `docker build --target crawler .` (the default).
# Dependencies are layers of their own, made from the requirements alone: a change of code installs nothing.
# No BuildKit-only syntax. Stages stand in the order in which the older builder, which walks them all, is fastest.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/venv/bin:$PATH
RUN groupadd --gid 10001 yardstick \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin yardstick \
 && install -d -o yardstick -g yardstick /var/lib/yardstick/snapshots /var/lib/yardstick/thumbnails
WORKDIR /app

# The API's packages: no Scrapy
FROM base AS api-packages
COPY constraints.txt requirements-api.txt ./
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv install --no-cache-dir --disable-pip-version-check -r requirements-api.txt

FROM base AS api
COPY --from=api-packages /opt/venv /opt/venv
COPY inventory inventory
COPY api api
RUN python -m compileall -q .
USER yardstick
# The app writes a line for each request itself, with its id (LOG_LEVEL, LOG_FORMAT)
ENV UVICORN_HOST=0.0.0.0 UVICORN_PORT=8000 UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=20 UVICORN_ACCESS_LOG=false
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
CMD ["uvicorn", "api.app:app", "--no-server-header"]

# The crawler's packages, on top of the API's
FROM api-packages AS crawler-packages
COPY requirements.txt requirements-thumbnails.txt ./
RUN pip --python /opt/venv install --no-cache-dir --disable-pip-version-check -r requirements.txt \
 && pip --python /opt/venv install --no-cache-dir --disable-pip-version-check -r requirements-thumbnails.txt

FROM base AS crawling
# --build-arg BROWSER=chromium: for dealers with `render`. The Node of Playwright's driver wants libatomic, which slim images lack
ARG BROWSER=
RUN [ -z "$BROWSER" ] \
 || (apt-get update -qq && apt-get install -y -qq --no-install-recommends "$BROWSER" libatomic1 \
  && apt-get clean && rm -rf /var/lib/apt/lists/*)
# A container forbids Chromium a sandbox of its own, and is one itself
ENV RENDER_SANDBOX=false HOME=/tmp
COPY --from=crawler-packages /opt/venv /opt/venv
COPY scrapy.cfg ./
COPY deploy/schedule.sh deploy/schedule.sh
COPY inventory inventory
COPY pipelines pipelines
COPY crawler crawler
RUN mkdir dealers && python -m compileall -q .
USER yardstick
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=1 CMD ["sh", "deploy/schedule.sh", "check"]
CMD ["sh", "deploy/schedule.sh"]

# The crawler with the six demo dealers, for compose's demo profile
FROM crawling AS demo
COPY demo demo

FROM crawling AS crawler
