// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Controllers.Issuance.Reporting;
using Sealock.Hosting;

namespace Sealock.Commands;

/// <summary><c>sealock certificate status</c> and <c>renew</c>: what becomes of declared Certificates, and a new one now.</summary>
internal static class CertificateCommand
{
    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { Description = "kubeconfig to connect with (default: $KUBECONFIG or ~/.kube/config)", HelpName = "FILE", Recursive = true };
    private static readonly Option<string> Namespace = new("--namespace", "-n") { Description = "namespace (default: the kubeconfig's)", HelpName = "NAME", Recursive = true };
    private static readonly Option<bool> AllNamespaces = new("--all-namespaces", "-A") { Description = "in all namespaces", Recursive = true };
    private static readonly Option<string> Selector = new("--selector", "-l") { Description = "those with these labels", HelpName = "LABELS", Recursive = true };

    public static Command Create() => new ExampleCommand(
        "certificate", "Declared certificates: what is there, why, and what comes next",
        "sealock certificate status",
        "sealock certificate status web -n shop",
        "sealock certificate renew web -n shop")
    {
        Kubeconfig, Namespace, AllNamespaces, Selector, CreateStatus(), CreateRenew(),
    };

    private static ExampleCommand CreateStatus()
    {
        var names = new Argument<string[]>("name") { Description = "Certificates (default: all of the namespace)", Arity = ArgumentArity.ZeroOrMore };
        var output = OutputFormat.Option();
        var command = new ExampleCommand(
            "status",
            "Show what is there, why it was done, and what will be done when; exit with 1 where one is not ready",
            "sealock certificate status web -n shop",
            "sealock certificate status -A",
            "sealock certificate status web -o json")
        {
            names, output,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result, async (reporter, @namespace) =>
        {
            var given = result.GetValue(names) ?? [];
            CheckPlace(result, given);
            var reports = new List<CertificateReport>();
            foreach (var (place, name) in await ChosenAsync(reporter, result, given, @namespace, cancellationToken))
            {
                reports.Add(await reporter.ReadAsync(place, name, cancellationToken)
                    ?? throw new CommandException($"there is no Certificate {name} in the namespace {place}: sealock certificate status -A"));
            }

            var writer = result.InvocationConfiguration.Output;
            var format = result.GetValue(output);
            if (format is "json" or "yaml")
            {
                OutputFormat.Write(writer, format, new JsonObject
                {
                    ["certificates"] = new JsonArray([.. reports.Select(report => (JsonNode)CertificatePage.Document(report))]),
                });
            }
            else if (given.Length == 1)
            {
                CertificatePage.Write(writer, reports[0], TimeProvider.System.GetUtcNow());
            }
            else
            {
                CertificatePage.WriteTable(writer, reports, result.GetValue(AllNamespaces), TimeProvider.System.GetUtcNow(), Terminal.Current());
            }

            return reports.All(report => report.Ready == "True") ? 0 : 1;
        }));
        return command;
    }

    private static ExampleCommand CreateRenew()
    {
        var names = new Argument<string[]>("name") { Description = "Certificates", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "all Certificates of the namespace" };
        var command = new ExampleCommand(
            "renew",
            "Issue Certificates anew, now",
            "sealock certificate renew web -n shop",
            "sealock certificate renew --all -n shop",
            "sealock certificate renew -l app=shop -A")
        {
            names, all,
        };
        command.SetAction((result, cancellationToken) =>
        {
            var given = result.GetValue(names) ?? [];
            CheckPlace(result, given);
            var isSelected = result.GetValue(all) || result.GetValue(Selector) is { Length: > 0 };
            if (given.Length == 0 && !isSelected)
                throw CommandException.Usage(["no Certificate is named: give its name (sealock certificate renew NAME), --all, or --selector LABELS"]);
            if (given.Length > 0 && isSelected)
                throw CommandException.Usage([$"{given[0]} is named already: leave out --all and --selector, or the name"]);
            return RunAsync(result, async (reporter, @namespace) =>
            {
                var writer = result.InvocationConfiguration.Output;
                foreach (var (place, name) in await ChosenAsync(reporter, result, given, @namespace, cancellationToken))
                {
                    writer.WriteLine(await reporter.RenewAsync(place, name, cancellationToken)
                        ? $"{place}/{name}: to be issued anew; see sealock certificate status {name} -n {place}"
                        : $"{place}/{name}: is being issued already");
                }

                return 0;
            });
        });
        return command;
    }

    private static void CheckPlace(ParseResult result, string[] names)
    {
        if (!result.GetValue(AllNamespaces))
            return;
        if (result.GetValue(Namespace) is { Length: > 0 } given)
            throw CommandException.Usage([$"-A means all namespaces, and -n {given} means one: leave one of them out"]);
        if (names.Length > 0)
            throw CommandException.Usage([$"{names[0]} is a name within one namespace: give that with -n instead of -A"]);
    }

    private static async Task<IReadOnlyList<(string Namespace, string Name)>> ChosenAsync(
        CertificateReporter reporter, ParseResult result, string[] names, string @namespace, CancellationToken cancellationToken)
    {
        if (names.Length > 0)
            return [.. names.Select(name => (@namespace, name))];
        var found = await reporter.FindAsync(
            result.GetValue(AllNamespaces) ? "" : @namespace, result.GetValue(Selector) ?? "", cancellationToken);
        return found.Length > 0 ? found : throw new CommandException(
            result.GetValue(AllNamespaces) ? "there are no Certificates" : $"there are no Certificates in the namespace {@namespace}; -A looks in all");
    }

    private static async Task<int> RunAsync(ParseResult result, Func<CertificateReporter, string, Task<int>> run)
    {
        using var cluster = RemoteCluster.Open(result.GetValue(Kubeconfig), null, TimeProvider.System);
        var @namespace = result.GetValue(Namespace) is { Length: > 0 } given ? given
            : cluster.Target.Namespace is { Length: > 0 } own ? own : "default";
        try
        {
            return await run(new CertificateReporter(cluster.Client, TimeProvider.System), @namespace);
        }
        catch (ApiException error) when (error is { Code: 404, Details: null })
        {
            throw new CommandException($"{cluster.Target.Cluster.Server} does not know Certificates (cert-manager.io/v1)");
        }
        catch (ApiException error)
        {
            throw new CommandException(error.Message);
        }
        catch (HttpRequestException error)
        {
            throw cluster.Unreachable(error);
        }
    }
}
