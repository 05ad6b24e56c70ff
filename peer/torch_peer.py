"""A plain PyTorch SkeAttnCLR pre-training step, written from docs/method.md: the peer to measure against.

It is what a user would run instead: eager PyTorch, the same arithmetic, the same shapes. Needs only
PyTorch and NumPy (Debian: apt-get install python3-torch libopenblas0-pthread, then Debian's own python3).

  torch_peer.py golden golden_train.json       check it against the golden trajectory (float64)
  torch_peer.py record cases.json              run the configurations of a trajectory file, print the file with fresh records
  torch_peer.py bench --width 16 --batch 32    clips/s of one pre-training step, and of an eval forward (hidden_dim 4 x width, or --hidden)
  torch_peer.py bench --device cuda --width 64 --batch 128
  torch_peer.py turns --width 16 --batch 32    for each line on standard input (train, eval or eval-one) the seconds of one such run

Clips have --frames frames and --bodies bodies; in those of eval-one, all bodies but the first are zero.
"""
import argparse, json, math, sys, time
import torch
from torch import nn
import torch.nn.functional as F

V = 25
PARTS = [[3, 2, 20, 1, 0], [8, 9, 10, 11, 23, 24], [4, 5, 6, 7, 21, 22], [16, 17, 18, 19], [12, 13, 14, 15]]
INWARD = [(1, 2), (2, 21), (3, 21), (4, 3), (5, 21), (6, 5), (7, 6), (8, 7), (9, 21), (10, 9), (11, 10), (12, 11),
          (13, 1), (14, 13), (15, 14), (16, 15), (17, 1), (18, 17), (19, 18), (20, 19), (22, 23), (23, 8), (24, 25), (25, 12)]
PARENT = {c - 1: p - 1 for c, p in INWARD} | {20: 20, 21: 22, 23: 24}


def adjacency():
    """(3, V, V): self, column-normalised inward, column-normalised outward (docs/method.md section 4)."""
    A = torch.zeros(3, V, V, dtype=torch.float64)
    A[0] = torch.eye(V)
    for i, j in INWARD:
        A[1, j - 1, i - 1] = 1
        A[2, i - 1, j - 1] = 1
    for k in (1, 2):
        A[k] = A[k] / A[k].sum(0).clamp(min=1e-12)
    return A


class Block(nn.Module):
    def __init__(self, cin, cout, stride, residual, dropout):
        super().__init__()
        self.gcn = nn.Conv2d(cin, 3 * cout, 1)
        self.bn1, self.bn2 = nn.BatchNorm2d(cout), nn.BatchNorm2d(cout)
        self.tcn = nn.Conv2d(cout, cout, (9, 1), (stride, 1), (4, 0))
        self.drop = nn.Dropout(dropout)
        self.kind = "none" if not residual else "id" if cin == cout and stride == 1 else "conv"
        if self.kind == "conv":
            self.rconv, self.rbn = nn.Conv2d(cin, cout, 1, (stride, 1)), nn.BatchNorm2d(cout)

    def forward(self, x, A):
        n, _, t, v = x.shape
        y = self.gcn(x).view(n, 3, -1, t, v)
        y = torch.einsum("nkctv,kvw->nctw", y, A)
        y = self.drop(self.bn2(self.tcn(F.relu(self.bn1(y)))))
        r = 0 if self.kind == "none" else x if self.kind == "id" else self.rbn(self.rconv(x))
        return F.relu(y + r)


class Projector(nn.Module):
    def __init__(self, i, h, o):
        super().__init__()
        self.a, self.bn, self.b = nn.Linear(i, h, bias=False), nn.BatchNorm1d(h), nn.Linear(h, o, bias=False)

    def forward(self, x):
        return self.b(F.relu(self.bn(self.a(x))))


class Encoder(nn.Module):
    def __init__(self, width, dim, feature, classes, heads, lam, dropout):
        super().__init__()
        self.heads, self.lam = heads, lam
        self.data_bn = nn.BatchNorm1d(3 * V)
        w = width
        spec = [(3, w, 1), (w, w, 1), (w, w, 1), (w, w, 1), (w, 2 * w, 2), (2 * w, 2 * w, 1), (2 * w, 2 * w, 1),
                (2 * w, 4 * w, 2), (4 * w, 4 * w, 1), (4 * w, dim, 1)]
        self.blocks = nn.ModuleList(Block(a, b, s, i > 0, dropout if i else 0.0) for i, (a, b, s) in enumerate(spec))
        self.fc = nn.Linear(dim, classes)
        self.importance = nn.ParameterList(nn.Parameter(torch.ones(3, V, V)) for _ in spec)
        self.norm, self.qkv, self.out = nn.LayerNorm(dim), nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.proj = Projector(dim, dim, feature)
        self.register_buffer("A", adjacency().float())

    def features(self, x):
        n, c, t, v, m = x.shape
        x = self.data_bn(x.permute(0, 4, 3, 1, 2).reshape(n * m, v * c, t))
        x = x.view(n * m, v, c, t).permute(0, 2, 3, 1)
        for block, imp in zip(self.blocks, self.importance):
            x = block(x, self.A * imp)
        return x.flatten(2)                                  # (N*M, dim, 400)

    def logits(self, x):
        f = self.features(x).mean(2)
        return self.fc(f.view(x.shape[0], -1, f.shape[1]).mean(1))

    def mask(self, f):
        y = self.norm(f.transpose(1, 2))
        b, l, d = y.shape
        q, k, v = self.qkv(y).view(b, l, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5).softmax(-1)
        return torch.sigmoid(self.lam * self.out((a @ v).transpose(1, 2).reshape(b, l, d))).transpose(1, 2)

    def embed(self, x, mask=None, make_mask=False):
        n = x.shape[0]
        f = self.features(x)
        pool = lambda g: self.proj(g.mean(2).view(n, -1, g.shape[1]).mean(1))
        z = pool(f)
        if make_mask:
            mask = self.mask(f)
        return (z,) if mask is None else (z, pool(f * mask), pool(f * (1 - mask)), mask)


def stream(x, view):
    if view == "motion":
        y = torch.zeros_like(x); y[:, :, :-1] = x[:, :, 1:] - x[:, :, :-1]; return y
    if view == "bone":
        return x - x[:, :, :, [PARENT[j] for j in range(V)]]
    return x


class SkeAttnCLR(nn.Module):
    def __init__(self, width=64, dim=256, feature=128, K=32768, classes=60, heads=8, lam=2.0, dropout=0.5, tau=0.2, m=0.996):
        super().__init__()
        make = lambda: Encoder(width, dim, feature, classes, heads, lam, dropout)
        self.q, self.k = make(), make()
        for p in self.k.parameters(): p.requires_grad_(False)
        self.P, self.Ps, self.Pns = (Projector(feature, dim, feature) for _ in range(3))
        self.register_buffer("queue", F.normalize(torch.randn(feature, K), dim=0))
        self.ptr, self.tau, self.m = 0, tau, m

    def losses(self, xq, xk, swap, view):
        n = xq.shape[0]
        shift, parts, t0, ct = swap
        js = sorted(sum((PARTS[i] for i in parts), []))
        mix = xq.clone()
        mix[:, :, 4 * t0:4 * (t0 + ct), js] = xq.roll(-shift, 0)[:, :, 4 * t0:4 * (t0 + ct), js]
        xq, xk, mix = (stream(a, view) for a in (xq, xk, mix))
        qz = F.normalize(self.P(self.q.embed(xq)[0]), dim=1)
        zm, zs, zn, mask = self.q.embed(mix, make_mask=True)
        self.P(zm)
        qs, qn = F.normalize(self.Ps(zs), dim=1), F.normalize(self.Pns(zn), dim=1)
        with torch.no_grad():
            kz, ks, kn = (F.normalize(a, dim=1) for a in self.k.embed(xk, mask=mask)[:3])
        def nce(q, k, extra=None):
            cols = [(q * k).sum(1, keepdim=True), q @ self.queue]
            if extra is not None: cols.append((q * extra.detach()).sum(1, keepdim=True))
            return -(torch.cat(cols, 1) / self.tau).log_softmax(1)[:, 0].mean()
        out = nce(qz, kz), nce(qs, ks, qn), nce(qn, kn, qs)
        self.queue = self.queue.clone()
        self.queue[:, self.ptr:self.ptr + n] = kz.T
        self.ptr = (self.ptr + n) % self.queue.shape[1]
        return out

    @torch.no_grad()
    def ema(self, i, total):
        m = 1 - (1 - self.m) * (math.cos(math.pi * i / total) + 1) / 2
        for (_, a), (_, b) in zip(self.q.state_dict().items(), self.k.state_dict().items()):
            b.copy_(a) if a.dtype == torch.long else b.mul_(m).add_(a, alpha=1 - m)
        return m


def lcg(n, seed):
    s, out = seed & 0xFFFFFFFF, []
    for _ in range(n):
        s = (1664525 * s + 1013904223) & 0xFFFFFFFF
        out.append(s / 4294967296.0 * 2 - 1)
    return torch.tensor(out, dtype=torch.float64)


def golden_order(e):
    """Encoder parameters in the order of docs/method.md 7.1, None where the golden counts a dead tensor."""
    ps = [e.data_bn.weight, e.data_bn.bias]
    for b in e.blocks:
        ps += [b.gcn.weight, b.gcn.bias, b.bn1.weight, b.bn1.bias, b.tcn.weight, b.tcn.bias, b.bn2.weight, b.bn2.bias]
        if b.kind == "conv": ps += [b.rconv.weight, b.rconv.bias, b.rbn.weight, b.rbn.bias]
    ps += [e.fc.weight, e.fc.bias, *e.importance, e.norm.weight, e.norm.bias, e.qkv.weight, e.qkv.bias, e.out.weight, e.out.bias]
    return ps + [e.proj.a.weight, e.proj.bn.weight, e.proj.bn.bias, e.proj.b.weight]


def fill(params, off, scales):
    for k, (p, unit) in enumerate(zip(params, scales)):
        u = lcg(p.numel(), off + k)
        val = 1 + 0.1 * u if unit == "one" else 0.1 * u if unit == "zero" else u * math.sqrt(3.0 / p[0].numel())
        p.data.copy_(val.reshape(p.shape).float().to(p.dtype))


def kinds(mod, params):
    ones = {id(p) for m in mod.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)) for p in [m.weight]}
    ones |= {id(p) for p in getattr(mod, "importance", [])}
    return ["one" if id(p) in ones else "zero" if p.dim() == 1 else "fan" for p in params]


def names(e):
    """Names of golden_order's parameters."""
    pre = lambda p, rest: [p + r for r in rest.split()]
    out = pre("backbone.data_bn.", "weight bias")
    for i, b in enumerate(e.blocks):
        block = f"backbone.st_gcn_networks.{i}."
        out += pre(block, "gcn.conv.weight gcn.conv.bias tcn.0.weight tcn.0.bias tcn.2.weight tcn.2.bias tcn.3.weight tcn.3.bias")
        if b.kind == "conv": out += pre(block, "residual.0.weight residual.0.bias residual.1.weight residual.1.bias")
    out += pre("backbone.fc.", "weight bias") + [f"backbone.edge_importance.{i}" for i in range(len(e.blocks))]
    return out + pre("neck.", "norm0.weight norm0.bias Attn.qkv.weight Attn.qkv.bias Attn.proj.weight Attn.proj.bias"
                              " proj.mlp.0.weight proj.mlp.1.weight proj.mlp.1.bias proj.mlp.3.weight")


def run_case(c):
    """Runs a trajectory's steps in float64; returns everything that a file records of it."""
    torch.manual_seed(0)
    M = SkeAttnCLR(c["hc"], c["hd"], c["feature_dim"], c["K"], c["classes"], c["heads"], c["Lambda"], 0.0, c["tau"], c["m"]).double()
    for e in (M.q, M.k): e.A = adjacency()
    for mod, off in ((M.q, 1), (M.k, 1001)):
        ps = golden_order(mod); fill(ps, c["off"] + off, kinds(mod, ps))
    for mod, off in ((M.P, 2001), (M.Ps, 3001), (M.Pns, 4001)):
        ps = [mod.a.weight, mod.bn.weight, mod.bn.bias, mod.b.weight]; fill(ps, c["off"] + off, kinds(mod, ps))
    M.queue = F.normalize(lcg(c["feature_dim"] * c["K"], c["off"] + 5001).reshape(c["feature_dim"], c["K"]).float().double(), dim=0)
    n = c["N"]
    i_, c_, t_, v_, m_ = torch.meshgrid(*[torch.arange(k, dtype=torch.float64) for k in (n, 3, 64, V, 2)], indexing="ij")
    opt = torch.optim.SGD([p for p in M.parameters() if p.requires_grad], lr=c["lr"], momentum=0.9, weight_decay=c["wd"])
    M.train()
    steps = []
    for s in range(c["steps"]):
        ph = c["phase"] + 0.37 * s
        a = torch.sin(0.05 * (c_ + 1) * t_ + 0.3 * v_ + 0.7 * m_ + 1.1 * i_ + ph)
        b = torch.sin(0.052 * (c_ + 1) * t_ + 0.31 * v_ + 0.7 * m_ + 1.1 * i_ + 0.2 + ph)
        a[: n // 2, ..., 1] = 0; b[: n // 2, ..., 1] = 0
        w = c["swap"][s % len(c["swap"])]
        lz, ls, ln = M.losses(a.float().double(), b.float().double(), (w["shift"], w["parts"], w["t0"], w["Ct"]), c["view"])
        total = lz + c["mu"] * ls + (1 - c["mu"]) * ln
        opt.zero_grad(); total.backward(); opt.step()
        m = M.ema(c["i0"] + s, c["I"])
        steps.append({"L_z": float(lz), "L_s": float(ls), "L_ns": float(ln), "total": float(total), "ema": m})
    M.eval()
    with torch.no_grad(): logits = M.q.logits(a.float().double())
    out = {"config": c, "steps": steps}
    for which, e in (("query", M.q), ("key", M.k)):
        out["final_param_norms_" + which] = {k: float(p.detach().norm()) for k, p in zip(names(e), golden_order(e))}
        out["final_data_bn_" + which] = {"mean": e.data_bn.running_mean[:8].tolist(), "var": e.data_bn.running_var[:8].tolist()}
    return out | {"queue_col_sums_first": M.queue[:, : 2 * n].sum(0).tolist(), "queue_ptr": M.ptr, "eval_logits": logits.tolist()}


def golden(path):
    worst = 0.0
    for case in json.load(open(path)):
        got = run_case(case["config"])
        for a, b in zip(got["steps"], case["steps"]):
            worst = max([worst] + [abs(a[k] - b[k]) / abs(b[k]) for k in ("L_z", "L_s", "L_ns")])
        gap = (torch.tensor(got["eval_logits"]) - torch.tensor(case["eval_logits"])).abs().max()
        worst = max(worst, float(gap))
        print(case["config"]["name"], "worst relative difference so far", f"{worst:.2e}")
    sys.exit(worst > 1e-5)


def record(path):
    json.dump([run_case(case["config"]) for case in json.load(open(path))], sys.stdout, indent=1)
    print()


def runs(o):
    """One training step and two evaluation passes, as functions of the run's number."""
    dev = torch.device(o.device)
    torch.set_num_threads(o.threads)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    M = SkeAttnCLR(o.width, o.hidden or 4 * o.width, K=o.queue).to(dev)
    opt = torch.optim.SGD([p for p in M.parameters() if p.requires_grad], lr=0.1, momentum=0.9, weight_decay=1e-4)
    a, b = (torch.randn(o.batch, 3, o.frames, V, o.bodies, device=dev) * 0.3 for _ in range(2))
    one = a.clone()
    one[..., 1:] = 0
    tokens = o.frames // 4
    sync = (lambda: torch.cuda.synchronize()) if dev.type == "cuda" else (lambda: None)
    def train(i):
        M.train()
        lz, ls, ln = M.losses(a, b, (1 + i % (o.batch - 1), [0, 3, 4], 3 * tokens // 16, max(1, 5 * tokens // 16)), "joint")
        opt.zero_grad(); (lz + 0.5 * ls + 0.5 * ln).backward(); opt.step(); M.ema(i, 1000)
    def forward(clips):
        def run(i):
            M.eval()
            with torch.no_grad(): M.q.logits(clips)
        return run
    def timed(f):
        def run(i):
            sync(); t = time.perf_counter(); f(i); sync()
            return time.perf_counter() - t
        return run
    return {"train": timed(train), "eval": timed(forward(a)), "eval-one": timed(forward(one))}


def bench(o):
    run = runs(o)
    rates = lambda name: [round(o.batch / run[name](i), 3) for i in range(o.runs + 1)][1:]
    median = lambda rates: round(sorted(rates)[len(rates) // 2], 2)
    train, fwd = rates("train"), rates("eval")
    print(json.dumps({"peer": "pytorch " + torch.__version__, "device": o.device, "threads": o.threads, "width": o.width, "hidden_dim": o.hidden or 4 * o.width, "batch": o.batch,
                      "train_samples_per_s": median(train), "eval_samples_per_s": median(fwd), "train_runs": train, "eval_runs": fwd}))


def turns(o):
    run, done = runs(o), 0
    on = " on " + torch.cuda.get_device_name() if o.device == "cuda" else ""
    print(json.dumps({"peer": "pytorch " + torch.__version__ + on}), flush=True)
    for line in sys.stdin:
        print(json.dumps({"seconds": run[line.strip()](done)}), flush=True)
        done += 1


if __name__ == "__main__":
    p = argparse.ArgumentParser(); s = p.add_subparsers(dest="cmd", required=True)
    for k in ("golden", "record"): s.add_parser(k).add_argument("path")
    for verb in ("bench", "turns"):
        b = s.add_parser(verb)
        for k, d in (("width", 16), ("hidden", 0), ("batch", 32), ("bodies", 2), ("frames", 64), ("queue", 32768), ("runs", 5), ("threads", 2)):
            b.add_argument("--" + k, type=int, default=d)
        b.add_argument("--device", default="cpu")
    o = p.parse_args()
    {"bench": bench, "turns": turns}[o.cmd](o) if o.cmd in ("bench", "turns") else {"golden": golden, "record": record}[o.cmd](o.path)
