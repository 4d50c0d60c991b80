// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Solvers;

/// <summary>Who puts the answers of a solver in place.</summary>
internal sealed class Presenters(AcmeOptions options, DnsPresenter dns, IngressPresenter ingress)
{
    private const string NoPort80 =
        "HTTP-01 is validated on port 80 only: let the server listen there (--http-port 80), or use tlsALPN01 or dns01";

    private const string NoSolverService =
        "HTTP-01 is validated on port 80 only, over Ingresses that lead here: say where the cluster reaches this process "
        + "(--acme-http01-solver-address), or use dns01";

    /// <summary>Why a solver cannot be used here, with the remedy; null where it can.</summary>
    public string? Refuse(SolverView solver) => Find(solver) is { Presenter: null, Refusal: var refusal } ? refusal : null;

    /// <summary>Who does it; null, with the reason, where nobody can.</summary>
    public (IPresenter? Presenter, string Refusal) Find(SolverView solver) => solver switch
    {
        { TlsAlpn01: not null } => options.TlsAlpnRefusal.Length > 0 ? (null, options.TlsAlpnRefusal) : (OwnListener.Instance, ""),
        { Http01: not null } when options.AnswersHttp => (OwnListener.Instance, ""),
        { Http01.GatewayHttpRoute: not null } => (null, "solvers over HTTPRoutes are not offered here: use http01.ingress, tlsALPN01 or dns01"),
        { Http01: not null } when options.SolverEndpoint is null => (null, options.IsServer ? NoPort80 : NoSolverService),
        { Http01: not null } => (ingress, ""),
        { Dns01: { } provider } => DnsProviders.Refuse(provider, options) is { } refusal ? (null, refusal) : (dns, ""),
        _ => (null, "the solver has neither http01 nor dns01 nor tlsALPN01"),
    };
}
