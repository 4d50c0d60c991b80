// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Sealock.Api.Objects;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Hosting;
using Sealock.Controllers.Reconciling;
using Sealock.Hosting;

namespace Sealock.Commands;

/// <summary><c>sealock controller</c>: the certificate loops against any kube-apiserver.</summary>
internal static class ControllerCommand
{
    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { Description = "kubeconfig of the cluster (default: $KUBECONFIG or ~/.kube/config)", HelpName = "FILE" };
    private static readonly Option<string[]> Signers = new("--signer") { Description = "sign for a signerName with the CA in a Secret; repeatable", HelpName = "NAME=NAMESPACE/SECRET" };
    private static readonly Option<string> CertificateFile = new("--cluster-signing-cert-file") { Description = "CA certificate of the signers below kubernetes.io", HelpName = "FILE" };
    private static readonly Option<string> KeyFile = new("--cluster-signing-key-file") { Description = "key of that CA", HelpName = "FILE" };
    private static readonly Option<string> Duration = new("--cluster-signing-duration") { Description = "longest lifetime of a certificate", HelpName = "TIME", DefaultValueFactory = _ => "8760h" };
    private static readonly Option<bool> Kubelets = new("--approve-kubelets") { Description = "approve kubelets' requests: client certificates by access review, serving certificates by their node's addresses" };
    private static readonly Option<bool> Lead = new("--leader-elect") { Description = "run only while holding the Lease kube-system/sealock-controller", DefaultValueFactory = _ => true };

    private static readonly string[] BuiltIn =
        ["kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving"];

    public static Command Create()
    {
        var command = new ExampleCommand(
            "controller",
            "Approve and sign certificate requests on another cluster",
            "sealock controller --kubeconfig admin.conf --signer example.com/web=pki/web-ca",
            "sealock controller --cluster-signing-cert-file ca.crt --cluster-signing-key-file ca.key --approve-kubelets")
        {
            Kubeconfig, Signers, CertificateFile, KeyFile, Duration, Kubelets, Lead,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        using var logs = ConsoleLog.Create(LogLevel.Information);
        var clock = TimeProvider.System;
        var options = Options(result, clock, logs);
        using var cluster = RemoteCluster.Open(result.GetValue(Kubeconfig), null, clock);
        await CheckAsync(cluster, cancellationToken);
        result.InvocationConfiguration.Output.WriteLine($"sealock controller looks after {cluster.Target.Cluster.Server}");

        async Task Work(CancellationToken stop)
        {
            using var host = new ControllerHost(ControllerClients.Same(cluster.Client), options, clock, logs);
            await host.RunAsync(stop);
        }

        try
        {
            await (result.GetValue(Lead)
                ? new Leadership(
                    cluster.Client, "kube-system", "sealock-controller", $"{Dns.GetHostName()}_{Guid.NewGuid():N}",
                    new LeadershipTimes(), clock, logs.CreateLogger("Sealock.Leadership")).RunAsync(Work, cancellationToken)
                : Work(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to end.
        }

        return 0;
    }

    private static ControllerOptions Options(ParseResult result, TimeProvider clock, ILoggerFactory logs)
    {
        var mistakes = new List<string>();
        var secrets = new List<SecretSigner>();
        foreach (var text in result.GetValue(Signers) ?? [])
        {
            try
            {
                secrets.Add(SecretSigner.Parse(text));
            }
            catch (FormatException error)
            {
                mistakes.Add($"--signer: {error.Message}");
            }
        }

        var (certificate, key) = (result.GetValue(CertificateFile), result.GetValue(KeyFile));
        if (certificate is null != key is null)
            mistakes.Add("--cluster-signing-cert-file and --cluster-signing-key-file go together; give both");
        else if (certificate is not null && key is not null && PemFiles.PairMistake(certificate, key) is { } mistake)
            mistakes.Add($"--cluster-signing-key-file: {mistake}");
        if (!GoDuration.TryParse(result.GetRequiredValue(Duration), out var duration) || duration < TimeSpan.FromMinutes(10))
            mistakes.Add("--cluster-signing-duration: give at least 10m, such as 8760h");
        if (result.GetValue(Signers) is not { Length: > 0 } && certificate is null && !result.GetValue(Kubelets))
            mistakes.Add("nothing to do: give --signer, --cluster-signing-cert-file, or --approve-kubelets");
        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);

        ISigningAuthority? authority = certificate is null || key is null
            ? null
            : new FileAuthority(certificate, key, clock, logs.CreateLogger("Sealock.Signing"));
        return new ControllerOptions
        {
            Signers = authority is null
                ? ImmutableDictionary<string, ISigningAuthority>.Empty
                : ImmutableDictionary.CreateRange(
                    BuiltIn.Select(name => KeyValuePair.Create(name, authority))),
            SecretSigners = [.. secrets],
            SigningDuration = duration,
            ApproveKubeletClients = result.GetValue(Kubelets),
            ApproveKubeletServing = result.GetValue(Kubelets),
            CleanRequests = false,
            Housekeeping = false,
        };
    }

    private static async Task CheckAsync(RemoteCluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            await cluster.Client.SendAsync("GET", "/version", null, cancellationToken);
        }
        catch (ApiException error)
        {
            throw new CommandException($"{cluster.Target.Cluster.Server} refuses: {error.Message}");
        }
        catch (HttpRequestException error)
        {
            throw new CommandException($"{cluster.Target.Cluster.Server} cannot be reached: {error.InnerException?.Message ?? error.Message}");
        }
    }
}
