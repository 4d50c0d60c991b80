// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme.Answering;
using Sealock.Controllers.CustomResources;
using Sealock.Controllers.Hosting;
using Sealock.Controllers.Reconciling;
using Sealock.Gateway.Plain;

namespace Sealock.Hosting;

/// <summary>Runs the loops on another cluster: definitions first, then a leader is elected, then it leads.</summary>
internal static class ControllerRun
{
    private const string LeaseName = "sealock-controller";

    private static readonly string[] ServedByItself = ["cert-manager.io/v1", "sealock.dev/v1"];

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="CommandException">The cluster cannot be used; the message names the remedy.</exception>
    public static async Task RunAsync(
        RemoteCluster cluster, ControllerSettings settings, TimeProvider clock, ILoggerFactory logs, TextWriter output,
        CancellationToken cancellationToken)
    {
        var server = cluster.Target.Cluster.Server;
        await AskAsync(cluster, "/version", cancellationToken);
        if (settings.InstallCrds)
            await InstallAsync(cluster, clock, output, cancellationToken);
        var options = await SuitAsync(cluster, settings, output, cancellationToken);
        await using var page = settings.Page is { } where ? await ControllerPage.StartAsync(where, clock, logs, cancellationToken) : null;
        output.WriteLine($"sealock controller looks after {server}");
        if (options.Namespace.Length > 0)
            output.WriteLine($"  namespace  {options.Namespace}");
        if (page is not null)
            output.WriteLine($"  metrics    https://{page.Endpoint}/metrics");
        output.Flush();

        async Task Work(CancellationToken stop)
        {
            var challenges = new ChallengeTable(clock);
            await using var solver = settings.Solver is { } reached && options.Issuance is not null
                ? await SolverAsync(reached, challenges, clock, logs, stop) : null;
            var acme = solver is null ? options.Acme
                : options.Acme with { SolverEndpoint = new IPEndPoint(settings.Solver!.Address, solver.Endpoints[0].Port) };
            using var host = new ControllerHost(
                ControllerClients.Same(cluster.Client), options with { Acme = acme, Challenges = challenges }, clock, logs);
            page?.Show(host);
            try
            {
                await host.RunAsync(stop);
            }
            finally
            {
                page?.Show(null);
            }
        }

        try
        {
            await (settings.LeaseNamespace is { } @namespace
                ? new Leadership(
                    cluster.Client, @namespace.Length > 0 ? @namespace : cluster.PodNamespace ?? "kube-system", LeaseName, $"{Dns.GetHostName()}_{Guid.NewGuid():N}",
                    new LeadershipTimes(), clock, logs.CreateLogger("Sealock.Leadership")).RunAsync(Work, cancellationToken)
                : Work(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to end.
        }
    }

    /// <summary>Answers challenges and nothing else, while this process leads.</summary>
    private static async Task<PlainServer> SolverAsync(
        ControllerSolverSettings settings, ChallengeTable challenges, TimeProvider clock, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var server = new PlainServer(new PlainOptions { Listen = [settings.Listen], Challenge = challenges.KeyFor, Clock = clock, Logging = logs });
        try
        {
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch (IOException error)
        {
            await server.DisposeAsync();
            throw new CommandException($"cannot listen on {settings.Listen}: {error.Message} (--acme-http01-solver-listen)");
        }
    }

    private static async Task InstallAsync(RemoteCluster cluster, TimeProvider clock, TextWriter output, CancellationToken cancellationToken)
    {
        IReadOnlyList<InstallResult> results;
        try
        {
            results = await new CustomResourceInstaller(cluster.Client, clock).InstallAsync(CustomResource.Kinds, cancellationToken);
        }
        catch (ApiException error) when (error is { Code: 404, Details: null })
        {
            if (await LacksAsync(cluster, ServedByItself, cancellationToken) is { } missing)
                throw new CommandException($"{cluster.Target.Cluster.Server} serves neither CustomResourceDefinitions (apiextensions.k8s.io/v1) nor {missing}");
            output.WriteLine("no CustomResourceDefinitions are needed: this is a Sealock server, which serves these kinds itself (leave --install-crds out)");
            return;
        }
        catch (Exception error) when (error is ApiException or TimeoutException or HttpRequestException)
        {
            throw new CommandException($"the CustomResourceDefinitions cannot be installed: {TransportFault.Tell(error)}");
        }

        foreach (var result in results)
        {
            output.WriteLine(result.Outcome switch
            {
                InstallOutcome.Added => $"{result.Name}: added",
                InstallOutcome.Updated => $"{result.Name}: brought up to date",
                InstallOutcome.Current => $"{result.Name}: is up to date",
                InstallOutcome.TakenOver => $"{result.Name}: is somebody else's and is used as it is",
                _ => $"{result.Name}: is somebody else's and cannot be used: {result.Message}",
            });
        }

        if (results.Any(result => result.Outcome == InstallOutcome.Unsuitable))
            throw new CommandException("some CustomResourceDefinitions cannot be used; see above");
    }

    /// <summary>Leaves out loops whose kinds are not served, unless the user named them.</summary>
    private static async Task<ControllerOptions> SuitAsync(
        RemoteCluster cluster, ControllerSettings settings, TextWriter output, CancellationToken cancellationToken)
    {
        var options = settings.Options;
        if (options.Issuance is not null && await LacksAsync(cluster, ["cert-manager.io/v1", "policy.cert-manager.io/v1alpha1"], cancellationToken) is { } missing)
        {
            if (settings.Chosen || !options.Requests)
                throw new CommandException($"{cluster.Target.Cluster.Server} does not serve {missing}: run with --install-crds, or apply the output of --print-crds");
            output.WriteLine($"issuance does not run: the cluster does not serve {missing} (--install-crds adds it)");
            options = options with { Issuance = null };
        }

        if (options is { Issuance: not null, Trust: not null } && await LacksAsync(cluster, ["trust.cert-manager.io/v1alpha1"], cancellationToken) is { } bundles)
        {
            output.WriteLine($"Bundles are not published: the cluster does not serve {bundles} (--install-crds adds it)");
            options = options with { Trust = null };
        }

        if (options.CrlAuthorities is not null && await LacksAsync(cluster, ["sealock.dev/v1"], cancellationToken) is { } lists)
        {
            if (settings.Chosen)
                throw new CommandException($"{cluster.Target.Cluster.Server} does not serve {lists}: run with --install-crds, or apply the output of --print-crds");
            options = options with { CrlAuthorities = null };
        }

        return options;
    }

    private static async Task<string?> LacksAsync(RemoteCluster cluster, string[] groups, CancellationToken cancellationToken)
    {
        foreach (var group in groups)
        {
            if (await AskAsync(cluster, "/apis/" + group, cancellationToken) is null)
                return group;
        }

        return null;
    }

    private static async Task<JsonNode?> AskAsync(RemoteCluster cluster, string path, CancellationToken cancellationToken)
    {
        var server = cluster.Target.Cluster.Server;
        try
        {
            return JsonNode.Parse((await cluster.Client.SendAsync("GET", path, null, cancellationToken)).Span);
        }
        catch (ApiException error) when (error.Code == 404)
        {
            return null;
        }
        catch (ApiException error)
        {
            throw new CommandException($"{server} refuses: {error.Message}");
        }
        catch (HttpRequestException error)
        {
            throw cluster.Unreachable(error);
        }
    }
}
