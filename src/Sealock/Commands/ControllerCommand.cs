// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Sealock.Acme.Dns;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Hosting;
using Sealock.Controllers.Issuance.Probing;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.Trust;
using Sealock.Hosting.Logs;
using Sealock.Hosting;
using Sealock.Settings;

namespace Sealock.Commands;

/// <summary><c>sealock controller</c>: the certificate loops against any kube-apiserver.</summary>
internal static class ControllerCommand
{
    private const string Issuance = "issuance";
    private const string Requests = "requests";
    private const string Revocation = "revocation";
    private const string Trust = "trust";

    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { Description = "kubeconfig of the cluster (default: $KUBECONFIG, ~/.kube/config, or the pod's own service account)", HelpName = "FILE" };
    private static readonly Option<string> Controllers = new("--controllers")
    {
        Description = "which loops run, separated by commas: issuance (Certificates and their issuers), requests (certificate signing requests), revocation (revocation lists), trust (Bundles, with issuance only); * is all, -NAME all but one",
        HelpName = "NAMES",
        DefaultValueFactory = _ => "*",
    };
    private static readonly Option<bool> InstallCrds = new("--install-crds") { Description = "add what the cluster lacks of the CustomResourceDefinitions, and bring our own up to date" };
    private static readonly Option<bool> PrintCrds = new("--print-crds") { Description = "print the CustomResourceDefinitions as YAML, and end" };
    private static readonly Option<bool> PrintRbac = new("--print-rbac") { Description = "print service account, roles, bindings and a Deployment as YAML, and end" };
    private static readonly Option<string> Namespace = new("--namespace") { Description = "look after this namespace only", HelpName = "NAMESPACE" };
    private static readonly Option<string> ClusterResourceNamespace = new("--cluster-resource-namespace") { Description = "where ClusterIssuers have their Secrets", HelpName = "NAMESPACE", DefaultValueFactory = _ => "cert-manager" };
    private static readonly Option<string> TrustNamespace = new("--trust-namespace") { Description = "where Bundles have their sources (default: as --cluster-resource-namespace)", HelpName = "NAMESPACE" };
    private static readonly Option<bool> FilterExpired = new("--filter-expired-certificates") { Description = "leave expired certificates out of Bundles" };
    private static readonly Option<bool> TrustIdentity = new("--trust-request-identity") { Description = "believe who made a CertificateRequest from its spec.username: only where cert-manager's webhook (or a Sealock server) writes it; elsewhere anyone may write any name there" };
    private static readonly Option<string[]> ProbeAllow = new("--probe-allow") { Description = ProbeFlag.Help, HelpName = "CIDR[:PORTS]" };
    private static readonly Option<string[]> Signers = new("--signer") { Description = "sign for a signerName with the CA in a Secret; repeatable", HelpName = "NAME=NAMESPACE/SECRET" };
    private static readonly Option<string> CertificateFile = new("--cluster-signing-cert-file") { Description = "CA certificate of the signers below kubernetes.io", HelpName = "FILE" };
    private static readonly Option<string> KeyFile = new("--cluster-signing-key-file") { Description = "key of that CA", HelpName = "FILE" };
    private static readonly Option<string> Duration = new("--cluster-signing-duration") { Description = "longest lifetime of a certificate that is signed on request", HelpName = "TIME", DefaultValueFactory = _ => "8760h" };
    private static readonly Option<bool> Kubelets = new("--approve-kubelets") { Description = "approve kubelets' requests: client certificates by access review, serving certificates by their node's addresses" };
    private static readonly Option<bool> Lead = new("--leader-elect") { Description = "run only while holding the Lease sealock-controller", DefaultValueFactory = _ => true };
    private static readonly Option<string> LeaseNamespace = new("--leader-election-namespace") { Description = "namespace of that Lease (default: in a pod its own, else kube-system)", HelpName = "NAMESPACE" };
    private static readonly Option<string> Metrics = new("--metrics-bind-address") { Description = "serve /metrics, /livez and /readyz there, over HTTPS (default: nowhere)", HelpName = "ADDR:PORT" };
    private static readonly Option<string> MetricsCertificate = new("--metrics-cert-file") { Description = "certificate for it (default: a self-signed one)", HelpName = "FILE" };
    private static readonly Option<string> MetricsKey = new("--metrics-key-file") { Description = "key of that certificate", HelpName = "FILE" };
    private static readonly Option<string> MetricsClients = new("--metrics-client-ca-file") { Description = "CAs of the clients that may read /metrics (default: everyone may)", HelpName = "FILE" };

    private static readonly Option<string> SolverAddress = new("--acme-http01-solver-address") { Description = "where the cluster reaches this process (the pod's address), so that Ingresses can lead ACME's HTTP-01 validations to it", HelpName = "IP" };
    private static readonly Option<string> SolverListen = new("--acme-http01-solver-listen") { Description = "where it listens for those", HelpName = "ADDR:PORT", DefaultValueFactory = _ => "0.0.0.0:8089" };
    private static readonly Option<string> DnsHook = new("--acme-dns01-hook") { Description = "program that changes DNS records for ACME solvers of the webhook 'exec', called as: FILE present|cleanup NAME. VALUE", HelpName = "FILE" };
    private static readonly Option<string[]> DnsServers = new("--acme-dns-servers") { Description = "DNS servers that are asked about ACME challenges and CAA records (default: those of the machine); repeatable", HelpName = "ADDR:PORT" };

    private static readonly Option<string> Logs = new("--log-format") { Description = "how log lines are written: text, json, or ecs (JSON with the fields of the Elastic Common Schema)", HelpName = "text|json|ecs", DefaultValueFactory = _ => "text" };

    private static readonly ImmutableArray<string> Names = [Issuance, Requests, Revocation, Trust];

    private static readonly string[] BuiltIn =
        ["kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving"];

    public static Command Create()
    {
        var command = new ExampleCommand(
            "controller",
            "Issue Certificates, and approve and sign certificate requests, on another cluster",
            "sealock controller --kubeconfig admin.conf --install-crds",
            "sealock controller --print-crds | kubectl apply -f -; sealock controller --print-rbac | kubectl apply -f -",
            "sealock controller --controllers requests --signer example.com/web=pki/web-ca",
            "sealock controller --cluster-signing-cert-file ca.crt --cluster-signing-key-file ca.key --approve-kubelets")
        {
            Kubeconfig, Controllers, InstallCrds, PrintCrds, PrintRbac, Namespace, ClusterResourceNamespace, TrustNamespace, FilterExpired, TrustIdentity, ProbeAllow, Signers, CertificateFile,
            KeyFile, Duration, Kubelets, Lead, LeaseNamespace, Metrics, MetricsCertificate, MetricsKey, MetricsClients,
            SolverAddress, SolverListen, DnsHook, DnsServers, Logs,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        using var logs = ConsoleLog.Create(LogLevel.Information, Format(result));
        var clock = TimeProvider.System;
        var settings = Read(result, clock, logs);
        var output = result.InvocationConfiguration.Output;
        if (result.GetValue(PrintCrds) || result.GetValue(PrintRbac))
        {
            if (result.GetValue(PrintCrds))
                output.Write(ControllerManifest.CustomResources());
            if (result.GetValue(PrintRbac))
                output.Write(ControllerManifest.Access(settings.Options.Namespace, settings.ClusterResourceNamespace));
            return 0;
        }

        if (settings is { Chosen: false, Options: { Requests: false, Issuance: null, CrlAuthorities: null } })
            throw new CommandException("nothing to do: --controllers leaves nothing", 2);
        using var cluster = RemoteCluster.Open(result.GetValue(Kubeconfig), null, clock);
        await ControllerRun.RunAsync(cluster, settings, clock, logs, output, cancellationToken);
        return 0;
    }

    private static LogFormat Format(ParseResult result) =>
        LogSettingTable.Format(result.GetRequiredValue(Logs)) ?? throw CommandException.Usage(["--log-format: use text, json or ecs"]);

    private static ControllerSettings Read(ParseResult result, TimeProvider clock, ILoggerFactory logs)
    {
        var mistakes = new List<string>();
        var chosen = Choose(result.GetRequiredValue(Controllers), mistakes);
        var secrets = SecretSigners(result.GetValue(Signers) ?? [], mistakes);
        var (certificate, key) = Pair(result, CertificateFile, KeyFile, mistakes);
        var page = Page(result, mistakes);
        if (!GoDuration.TryParse(result.GetRequiredValue(Duration), out var duration) || duration < TimeSpan.FromMinutes(10))
            mistakes.Add("--cluster-signing-duration: give at least 10m, such as 8760h");
        foreach (var option in (Option<string>[])[Namespace, ClusterResourceNamespace, TrustNamespace, LeaseNamespace])
        {
            if (result.GetValue(option) is { } name && !NameRules.IsDnsLabel(name))
                mistakes.Add($"{option.Name}: \"{name}\" is not the name of a namespace");
        }

        var signs = secrets.Length > 0 || certificate is not null || result.GetValue(Kubelets);
        if (chosen.SetEquals([Requests]) && !signs)
            mistakes.Add("nothing to do: give --signer, --cluster-signing-cert-file, or --approve-kubelets");
        var (solver, acme) = Acme(result, mistakes);
        var probed = (result.GetValue(ProbeAllow) ?? [])
            .Aggregate((IReadOnlyList<ProbeRange>?)null, (all, text) => ProbeFlag.Add(all, text, mistake => mistakes.Add($"{ProbeAllow.Name}: {mistake}")));
        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);

        ISigningAuthority? authority = certificate is null || key is null
            ? null : new FileAuthority(certificate, key, clock, logs.CreateLogger("Sealock.Signing"));
        var clusterResourceNamespace = result.GetRequiredValue(ClusterResourceNamespace);
        return new ControllerSettings
        {
            Options = new ControllerOptions
            {
                Namespace = result.GetValue(Namespace) ?? "",
                Requests = signs && chosen.Contains(Requests),
                Signers = authority is null
                    ? ControllerOptions.None : ControllerOptions.None.AddRange(BuiltIn.Select(name => KeyValuePair.Create(name, authority))),
                SecretSigners = secrets,
                SigningDuration = duration,
                ApproveKubeletClients = result.GetValue(Kubelets),
                ApproveKubeletServing = result.GetValue(Kubelets),
                CleanRequests = false,
                Housekeeping = false,
                Issuance = chosen.Contains(Issuance)
                    ? new IssuanceOptions
                    {
                        ClusterResourceNamespace = clusterResourceNamespace,
                        TrustsRequestIdentity = result.GetValue(TrustIdentity),
                        Probe = IssuanceProbe.With(probed, [], clock),
                    } : null,
                Trust = chosen.Contains(Trust)
                    ? new TrustOptions { Namespace = result.GetValue(TrustNamespace) ?? "", FiltersExpired = result.GetValue(FilterExpired) } : null,
                Acme = acme,
                CrlAuthorities = chosen.Contains(Revocation) ? new CrlAuthorities() : null,
            },
            Chosen = result.GetResult(Controllers) is { Implicit: false },
            ClusterResourceNamespace = clusterResourceNamespace,
            InstallCrds = result.GetValue(InstallCrds),
            LeaseNamespace = result.GetValue(Lead) ? result.GetValue(LeaseNamespace) ?? "" : null,
            Page = page,
            Solver = solver,
        };
    }

    private static (ControllerSolverSettings? Solver, AcmeOptions Options) Acme(ParseResult result, List<string> mistakes)
    {
        var servers = ImmutableArray.CreateBuilder<IPEndPoint>();
        foreach (var text in result.GetValue(DnsServers) ?? [])
        {
            if (DnsResolver.TryParseServer(text, out var server))
                servers.Add(server);
            else
                mistakes.Add($"{DnsServers.Name}: \"{text}\" is no address; write it like 192.0.2.1:53");
        }

        var hook = result.GetValue(DnsHook);
        if (hook is not null && !File.Exists(hook))
            mistakes.Add($"{DnsHook.Name}: {hook} does not exist");
        var options = new AcmeOptions { DnsHook = hook ?? "", DnsServers = servers.ToImmutable() };
        if (result.GetValue(SolverAddress) is not { } address)
            return (null, options);
        if (!IPAddress.TryParse(address, out var reached))
            mistakes.Add($"{SolverAddress.Name}: \"{address}\" is no IP address");
        if (!IPEndPoint.TryParse(result.GetRequiredValue(SolverListen), out var listen))
            mistakes.Add($"{SolverListen.Name}: write it like 0.0.0.0:8089");
        return (reached is null || listen is null ? null : new ControllerSolverSettings(listen, reached), options);
    }

    /// <summary>kube-controller-manager's form: names, <c>*</c> for all, <c>-name</c> for all but one.</summary>
    private static HashSet<string> Choose(string text, List<string> mistakes)
    {
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var name = word.TrimStart('-');
            if (word == "*")
                chosen.UnionWith(Names);
            else if (!Names.Contains(name))
                mistakes.Add($"--controllers: \"{name}\" is none of {string.Join(", ", Names)}");
            else if (word == name)
                chosen.Add(name);
        }

        chosen.ExceptWith(text.Split(',', StringSplitOptions.TrimEntries).Where(word => word.StartsWith('-')).Select(word => word[1..]));
        if (chosen.SetEquals([Trust]))
            mistakes.Add("--controllers: trust follows the CAs of issuers and runs beside issuance; add issuance");
        if (chosen.Count == 0 && mistakes.Count == 0)
            mistakes.Add($"--controllers: nothing is left; choose of {string.Join(", ", Names)}");
        return chosen;
    }

    private static ImmutableArray<SecretSigner> SecretSigners(IEnumerable<string> texts, List<string> mistakes)
    {
        var signers = ImmutableArray.CreateBuilder<SecretSigner>();
        foreach (var text in texts)
        {
            try
            {
                signers.Add(SecretSigner.Parse(text));
            }
            catch (FormatException error)
            {
                mistakes.Add($"--signer: {error.Message}");
            }
        }

        return signers.ToImmutable();
    }

    private static (string? Certificate, string? Key) Pair(
        ParseResult result, Option<string> certificateOption, Option<string> keyOption, List<string> mistakes)
    {
        var (certificate, key) = (result.GetValue(certificateOption), result.GetValue(keyOption));
        if (certificate is null != key is null)
            mistakes.Add($"{certificateOption.Name} and {keyOption.Name} go together; give both");
        else if (certificate is not null && key is not null && PemFiles.PairMistake(certificate, key) is { } mistake)
            mistakes.Add($"{keyOption.Name}: {mistake}");
        return (certificate, key);
    }

    private static ControllerPageSettings? Page(ParseResult result, List<string> mistakes)
    {
        var (certificate, key) = Pair(result, MetricsCertificate, MetricsKey, mistakes);
        var clients = result.GetValue(MetricsClients);
        if (clients is not null && !File.Exists(clients))
            mistakes.Add($"--metrics-client-ca-file: {clients} does not exist");
        if (result.GetValue(Metrics) is not { } text)
        {
            if (certificate is not null || clients is not null)
                mistakes.Add("--metrics-cert-file and --metrics-client-ca-file need --metrics-bind-address");
            return null;
        }

        if (text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text.StartsWith(':') ? "0.0.0.0" + text : text, out var endpoint))
            return new ControllerPageSettings(endpoint, certificate, key, clients);
        mistakes.Add($"--metrics-bind-address: \"{text}\" is not ADDRESS:PORT; write it like 0.0.0.0:9402");
        return null;
    }
}
