"""What hosted notebooks have, as their own lists say: the one place where these versions stand.

`docs/hosts.md` says what was tried with them, `tools/hosted.py` writes notebooks for them."""
from dataclasses import dataclass, field

@dataclass(frozen=True)
class Host:
    "A service that runs notebooks"
    name: str       # Of its folder in `hosted/`
    title: str      # As it calls itself
    date: str       # Of the list
    source: str     # Where the list stands
    python: str     # Its Python
    packages: dict  # What ftkit asks for, or what draws its panels: name → version
    upgraded: tuple # Below ftkit's floors, so that installing ftkit upgrades them
    runs: str       # Where runs go
    kept: str = ''  # Where they go to outlive the session, if that is elsewhere

def pins(text): return dict(o.split('==') for o in text.split())

COLAB = Host('colab', 'Google Colab', '2026-08-19',
    'https://github.com/googlecolab/backend-info/blob/a72407924822ea377410b69f0a290150bcb5c9c2/'
    'pip-freeze.gpu.txt',
    '3.13', pins("""
    notebook==6.5.7 ipywidgets==7.7.1 widgetsnbextension==3.6.10 anywidget==0.9.21 ipykernel==6.17.1
    ipython==7.34.0 jupyter_client==7.4.9 jupyter_core==5.9.1 traitlets==5.7.1 tornado==6.5.7 pyzmq==26.2.1
    numpy==2.1.3 scipy==1.16.3 scikit-learn==1.6.1 pandas==2.2.3 pyarrow==18.1.0 polars==1.35.2
    plotly==5.24.1 pyyaml==6.0.3 jsonschema==4.26.0 fastcore==2.2.12 torch==2.11.0 transformers==5.15.0
    tokenizers==0.22.2 huggingface_hub==1.27.0 accelerate==1.14.0 peft==0.20.0 datasets==4.0.0
    safetensors==0.8.0 fsspec==2025.3.0 torchao==0.10.0"""),
    ('datasets',), '/content/ftkit', '/content/drive/MyDrive/ftkit')

# Built on the image that Colab had on 2026-05-14, with Kaggle's own list on top; where neither names a
# version, none is written here
KAGGLE = Host('kaggle', 'Kaggle', '2026-08-12',
    'https://github.com/Kaggle/docker-python/blob/78aaa43f8cc8e6b01bbaa5a56c39b4a2f61a8277/'
    'kaggle_requirements.txt',
    '3.12', pins("""
    ipywidgets==8.1.5 anywidget==0.9.21 numpy==2.0.2 scipy==1.16.3 scikit-learn==1.6.1 pandas==2.2.2
    pyarrow==18.1.0 polars==1.35.2 plotly==5.24.1 pyyaml==6.0.3 jsonschema==4.26.0 fastcore==1.12.42
    torch==2.10.0 transformers==5.0.0 huggingface_hub==1.11.0 accelerate==1.13.0 peft==0.19.1
    datasets==4.0.0 safetensors==0.7.0 torchao==0.10.0"""),
    ('datasets', 'transformers'), '/kaggle/working')

HOSTS = (COLAB, KAGGLE)
