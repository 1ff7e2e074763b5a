# The application alone; PostgreSQL, Redis and mail are given by DATABASE_URL, REDIS_URL and EMAIL_URL.
FROM python:3.11.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
ENV STATIC_ROOT=/app/staticfiles
WORKDIR /app

COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
# The key serves this one command; a start without SECRET_KEY is refused.
RUN SECRET_KEY=for-collecting-only python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin parking \
    && install --directory --owner parking --mode 700 /exports

# The code belongs to root, so the application can't change itself.
USER 10001
ENV PARKING_ENV=production
EXPOSE 8000
CMD ["python", "-m", "parking.serve", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--threads", "2", "--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10", "--log-level", "warning", "parking.wsgi:application"]
