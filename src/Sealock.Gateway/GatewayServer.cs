// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Sealock.Api.Objects;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Listener;
using Sealock.Gateway.Metrics;
using Sealock.Gateway.Pipeline;
using Sealock.Pki.Certificates;

namespace Sealock.Gateway;

/// <summary>The front door: listens, terminates TLS, and lets requests through the pipeline.</summary>
public sealed class GatewayServer : IAsyncDisposable
{
    private readonly GatewayOptions _options;
    private readonly ServingSource _serving;
    private readonly LongRunningRequests _longRunning;
    private readonly InFlightLimit _inFlight;
    private readonly TrafficControl _traffic;
    private readonly RequestAdmission _admission;
    private readonly GatewayMetrics _metrics;
    private readonly GatewayPipeline _pipeline;
    private readonly Handshakes _handshakes;
    private readonly IServer _kestrel;
    private readonly IAsyncDisposable _kestrelOwner;
    private readonly RequestAuthenticator _authenticator;
    private int _sweepsAsked;
    private volatile bool _stopping;

    /// <summary>Reads all files; nothing listens yet.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="Sealock.Pki.PkiFormatException">
    /// A certificate or key file does not parse, or a key is not its certificate's.</exception>
    public GatewayServer(GatewayOptions options)
    {
        _options = options;
        var (clock, limits) = (options.Clock, options.Limits);
        var log = options.Logging.CreateLogger("Sealock.Gateway");
        _longRunning = new LongRunningRequests(log);
        _metrics = new GatewayMetrics(clock);
        _traffic = new TrafficControl(options.Traffic, clock);
        _admission = new RequestAdmission(_traffic);
        _inFlight = new InFlightLimit(limits.MaxReadOnlyInFlight, limits.MaxMutatingInFlight);
        _serving = new ServingSource(options.Serving, clock, limits.FileCheckInterval, log, options.Reloads.Of("certificates", clock));
        var health = new HealthEndpoints(log,
        [
            new HealthCheck("ping", HealthScope.Both, _ => ValueTask.FromResult<string?>(null)),
            .. options.HealthChecks,
            new HealthCheck("shutdown", HealthScope.Ready, _ => ValueTask.FromResult(_stopping ? "stopping" : null)),
        ]);
        _authenticator = new RequestAuthenticator(
            new CertificateAuthenticator(_serving, clock), options.Tokens, options.AllowAnonymous, options.CredentialsHold,
            _metrics.Access);
        _serving.Replaced += CredentialsChanged;
        _pipeline = new GatewayPipeline(
            _authenticator,
            options.Authorizer,
            new MountTable([.. options.Mounts, .. health.Mounts, .. OwnMounts()]),
            options.Api,
            _longRunning,
            _inFlight,
            _admission,
            new AuditedRequests(options.Auditor, clock),
            options.AccessLog ? new AccessLog(options.Logging, clock) : null,
            _metrics,
            limits,
            log);
        _handshakes = new Handshakes(_serving, _metrics.Handshakes, options);
        (_kestrel, _kestrelOwner) = KestrelListener.Create(
            options.Listen, limits, new ConnectionGate(_traffic, limits.HandshakeTimeout, clock),
            new FirstLook(_traffic, limits.HandshakeTimeout, clock), _handshakes, options.Logging);
    }

    /// <summary>Writes further metrics to <c>/metrics</c>.</summary>
    public Action<PrometheusText>? MoreMetrics { get; set; }

    /// <summary>Certificates whose dates stand in <c>/metrics</c> beside those that are served and trusted here.</summary>
    public Func<IEnumerable<MeasuredCertificate>>? MoreCertificates { get; set; }

    /// <summary>Called after other certificates are served or trusted than before; must not block.</summary>
    public event Action? CertificatesReplaced
    {
        add => _serving.Replaced += value;
        remove => _serving.Replaced -= value;
    }

    /// <summary>Called after certificates were refused that were to be served; must not block.</summary>
    public event Action? CertificatesRefused
    {
        add => _serving.Refused += value;
        remove => _serving.Refused -= value;
    }

    /// <summary>Why what stands in the files, or was handed over last, is not served; null where it is.</summary>
    public string? ServingRefusal => _serving.Refusal;

    /// <summary>What is wrong with what is served now; null: nothing.</summary>
    public string? ServingFault => _serving.Fault;

    /// <summary>The certificate that is served where no other has the name that is asked for.</summary>
    public Certificate DefaultCertificate => _serving.Current.Default.Certificate;

    /// <summary>For each other certificate a name by which it is served.</summary>
    public IEnumerable<string> NamesOfOtherCertificates => _serving.Current.NamesOfOthers;

    /// <summary>Where the server listens, once it is started.</summary>
    public ImmutableArray<IPEndPoint> Endpoints { get; private set; } = [];

    /// <summary>
    /// Who is locked out. Setting it takes effect on the next request of everyone, and ends watches and streams at
    /// once, in the background: whoever sets it is not held up by their number.
    /// </summary>
    public Revocations Revocations
    {
        get => _authenticator.Revocations;
        set
        {
            _authenticator.Revocations = value;
            CredentialsChanged();
        }
    }

    /// <summary>Names that clients use: a serving certificate that lacks one does not take the place of another.</summary>
    public ImmutableArray<string> Names
    {
        get => _serving.Names;
        set => _serving.Names = value;
    }

    /// <summary>
    /// Ends, in the background, watches and streams whose credentials do not hold any more
    /// (<see cref="GatewayOptions.CredentialsHold"/>).
    /// </summary>
    public void CredentialsChanged()
    {
        // One sweep judges by the latest state, however many changes there were meanwhile.
        if (Interlocked.Increment(ref _sweepsAsked) == 1)
            ThreadPool.UnsafeQueueUserWorkItem(static server => server.Sweep(), this, preferLocal: false);
    }

    /// <summary>
    /// Serves another certificate by default than that in the files, from the next handshake on; null returns to the
    /// files. Answers why that is not done, or null.
    /// </summary>
    public string? Serve(HandedCertificate? certificate) => _serving.Serve(certificate);

    /// <summary>
    /// Has a certificate made for every name and local address that the server is reached by and that no certificate has;
    /// null ends that.
    /// </summary>
    public void ServeAnyName(ServingCertificateMaker? make) => _serving.ServeAnyName(make);

    /// <summary>Why the certificate that is served for a name is not fit for it; null where it is.</summary>
    public string? RefuseName(string name) => ServingRules.RefuseName(_serving.Current, name);

    /// <summary>The certificate that a client is to see which asks for a name.</summary>
    /// <param name="serverName">The name; empty where it asks for none.</param>
    /// <param name="local">Where it connects to.</param>
    public Certificate CertificateFor(string serverName, IPEndPoint local) => _serving.CertificateFor(serverName, local).Certificate;

    /// <summary>Looks at the certificate files now rather than a moment later.</summary>
    public void CheckServingFiles() => _serving.Check();

    /// <summary>
    /// Who may come in, by whom, and how much of it. Setting it takes effect on the next connection and the next request, and
    /// ends watches and streams that it would not let in.
    /// </summary>
    public TrafficPolicy Traffic
    {
        get => _traffic.Policy;
        set
        {
            _traffic.Policy = value;
            _longRunning.Stop(
                exchange => !_admission.StillAdmits(exchange), "requests are not accepted from this address any more");
        }
    }

    /// <summary>
    /// The API for clients in this process, which come in as the user that their request names and are authorized
    /// like everyone else.
    /// </summary>
    public ValueTask<ApiResponse> InProcess(ApiRequest request, CancellationToken cancellationToken) =>
        _pipeline.InProcess(request, cancellationToken);

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">An address is in use, or cannot be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _kestrel.StartAsync(new GatewayApplication(_pipeline, _options.Limits, _options.Clock), cancellationToken);
        Endpoints = [.. KestrelListener.Endpoints(_kestrel)];
    }

    /// <summary>
    /// Stops: <c>/readyz</c> fails, nothing new is accepted, watches end, and requests in flight are waited for, at
    /// most for <see cref="GatewayLimits.DrainTimeout"/> or until <paramref name="cancellationToken"/> ends.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        using var bound = new CancellationTokenSource(_options.Limits.DrainTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        // The listeners close first, so that watchers who come back at once meet another replica.
        var stopped = _kestrel.StopAsync(either.Token);
        _longRunning.Close("the server is shutting down");
        await stopped;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        await _kestrelOwner.DisposeAsync();
        _handshakes.Dispose();
        _serving.Dispose();
    }

    private void Sweep()
    {
        int asked;
        do
        {
            asked = Volatile.Read(ref _sweepsAsked);
            _longRunning.Stop(
                exchange => !_authenticator.StillHolds(exchange.Requestor, exchange.Connection), "the credentials are not valid any more");
        }
        while (Interlocked.CompareExchange(ref _sweepsAsked, 0, asked) != asked);
    }

    private IEnumerable<Mount> OwnMounts() =>
    [
        new("/ping", MountAccess.Authorized, exchange => Text(exchange, Answers.PlainText, "pong")),
        new("/cacerts", MountAccess.Open, exchange => Text(exchange, Answers.PlainText, ServingCa())),
        new("/metrics", MountAccess.Authorized, exchange => Text(exchange, PrometheusText.ContentType, MetricsText())),
    ];

    private static ValueTask Text(GatewayExchange exchange, string contentType, string text) =>
        exchange.WriteAsync(contentType, Encoding.UTF8.GetBytes(text));

    private string ServingCa() =>
        _serving.Current.ServingCaPem is { Length: > 0 } pem ? pem : throw ApiException.NoSuchResource();

    private string MetricsText()
    {
        var text = new PrometheusText();
        _metrics.Write(text);
        text.Family("sealock_requests_in_flight", "gauge", "Requests being answered.");
        text.Sample("sealock_requests_in_flight", _inFlight.ReadOnly, ("kind", "readOnly"));
        text.Sample("sealock_requests_in_flight", _inFlight.Mutating, ("kind", "mutating"));
        text.Sample("sealock_requests_in_flight", _longRunning.Count, ("kind", "longRunning"));
        text.Family("sealock_requests_in_flight_refused_total", "counter", "Requests answered 429 because there were too many at once.");
        text.Sample("sealock_requests_in_flight_refused_total", _inFlight.ReadOnlyRefused, ("kind", "readOnly"));
        text.Sample("sealock_requests_in_flight_refused_total", _inFlight.MutatingRefused, ("kind", "mutating"));
        text.Family("sealock_tls_handshakes_waiting", "gauge", "Handshakes that wait for their turn.");
        text.Sample("sealock_tls_handshakes_waiting", _handshakes.Waiting);
        WriteServing(text);
        CertificateMetrics.Write(
            text, _serving.Measured(_options.Serving).Concat(MoreCertificates?.Invoke() ?? []), _options.Clock.GetUtcNow());
        _options.Reloads.Write(text);
        _options.Auditor?.Write(text);
        _traffic.Write(text);
        MoreMetrics?.Invoke(text);
        return text.ToString();
    }

    private void WriteServing(PrometheusText text)
    {
        text.Family("sealock_serving_replacements_total", "counter", "Serving certificates that were to take the place of others.");
        text.Sample("sealock_serving_replacements_total", _serving.Replacements, ("result", "replaced"));
        text.Sample("sealock_serving_replacements_total", _serving.Refusals, ("result", "refused"));
        text.Family("sealock_serving_refused", "gauge", "1 while a serving certificate is refused and an older one goes on.");
        text.Sample("sealock_serving_refused", _serving.Refusal is null ? 0 : 1);
        text.Family("sealock_serving_on_the_fly", "gauge", "Certificates in memory for names that the server was reached by before its set-up.");
        text.Sample("sealock_serving_on_the_fly", _serving.OnTheFly?.Count ?? 0);
        text.Family("sealock_serving_on_the_fly_refused_total", "counter", "Certificates that were not made on the fly since too many were asked for.");
        text.Sample("sealock_serving_on_the_fly_refused_total", _serving.OnTheFly?.Refused ?? 0);
    }
}
