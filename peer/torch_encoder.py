"""An encoder trained here, in PyTorch: loads `encoder.safetensors` into the peer's Encoder.

  torch_encoder.py ENCODER_DIR MEMBER CLIPS.npy [FEATURES.npy]

ENCODER_DIR is what `deno task export pretrain.encoder DIR` writes, MEMBER a name from its
encoder.json (`encoder`), CLIPS.npy one `clips-NNNNN.npy` of the `normalize` stage. Prints, as JSON,
how the pooled features of the first 64 clips compare with FEATURES.npy of the `encode` stage.

`load_safetensors` needs only NumPy and PyTorch; with the `safetensors` package, its `load_file` gives
the same dictionary.
"""
import json, re, struct, sys
import numpy as np, torch
from torch_peer import Encoder, stream

PARTS = {"gcn": "gcn.conv", "bn1": "tcn.0", "tcn": "tcn.2", "bn2": "tcn.3", "rconv": "residual.0", "rbn": "residual.1"}
FIXED = {"norm": "neck.norm0", "qkv": "neck.Attn.qkv", "out": "neck.Attn.proj",
         "proj.a": "neck.proj.mlp.0", "proj.bn": "neck.proj.mlp.1", "proj.b": "neck.proj.mlp.3"}


def load_safetensors(path):
    """name -> tensor."""
    raw = open(path, "rb").read()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + size])
    kinds = {"F32": np.float32, "I64": np.int64}
    out = {}
    for name, at in header.items():
        if name == "__metadata__":
            continue
        first, last = at["data_offsets"]
        data = np.frombuffer(raw[8 + size + first:8 + size + last], dtype=kinds[at["dtype"]])
        out[name] = torch.from_numpy(data.reshape(at["shape"]).copy())
    return out


def exported_name(key):
    """The name in the file of a tensor of the peer's Encoder."""
    block = re.match(r"blocks\.(\d+)\.(\w+)\.(\w+)$", key)
    if block:
        return f"backbone.st_gcn_networks.{block[1]}.{PARTS[block[2]]}.{block[3]}"
    if key.startswith("importance."):
        return "backbone.edge_importance." + key.split(".")[1]
    stem, _, leaf = key.rpartition(".")
    return f"{FIXED[stem]}.{leaf}" if stem in FIXED else "backbone." + key


def load_encoder(folder, member):
    """The encoder in eval mode, and its encoder.json."""
    about = json.load(open(f"{folder}/encoder.json"))
    c = about["config"]
    encoder = Encoder(c["width"], c["hidden_dim"], c["feature_dim"], about["data"]["classes"], c["heads"], c["Lambda"], 0.0)
    weights = load_safetensors(f"{folder}/{member}.safetensors")
    state = {k: v if k == "A" else weights[exported_name(k)].reshape(v.shape) for k, v in encoder.state_dict().items()}
    encoder.load_state_dict(state, strict=True)
    return encoder.eval(), about


@torch.no_grad()
def pooled_features(encoder, clips):
    """(n, 3, T, 25, M) as a stream -> (n, hidden_dim)."""
    f = encoder.features(clips).mean(2)
    return f.view(clips.shape[0], -1, f.shape[1]).mean(1)


if __name__ == "__main__":
    folder, member, clips = sys.argv[1:4]
    encoder, about = load_encoder(folder, member)
    x = stream(torch.from_numpy(np.load(clips)[:64]), about["config"]["stream"])
    got = pooled_features(encoder, x).numpy()
    said = {"shape": list(got.shape)}
    if len(sys.argv) > 4:
        want = np.load(sys.argv[4])[:len(got)]
        said["difference"] = float(np.abs(got - want).max() / np.abs(want).max())
    print(json.dumps(said))
