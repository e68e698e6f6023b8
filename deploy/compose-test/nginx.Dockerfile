# Replaces the nginx image where none can be pulled: Debian's package.
ARG PYTHON_IMAGE
FROM ${PYTHON_IMAGE}
RUN apt-get update -q \
 && apt-get install -qy --no-install-recommends nginx-light \
 && rm -rf /var/lib/apt/lists/*
CMD ["nginx", "-g", "daemon off;"]
