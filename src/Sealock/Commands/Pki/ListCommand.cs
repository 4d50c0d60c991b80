// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Cluster.Listing;
using Sealock.Cluster.Verifying;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki list</c> and <c>check</c>: every certificate of a cluster in one table, or only what has to be done.</summary>
internal static class ListCommand
{
    public static Command CreateList()
    {
        var (scope, output) = (new ScopeOptions(), Format());
        var command = new ExampleCommand(
            "list",
            "Show every certificate of a cluster: whose, until when, by which CA, and what is wrong with it",
            "sealock pki list --dir cluster",
            "sealock pki list -o wide",
            "sealock pki list -o prometheus > /var/lib/node_exporter/sealock.prom")
        {
            output,
        };
        scope.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var list = Read(scope, result, cancellationToken);
            Write(result, result.GetRequiredValue(output), list, null);
            if (result.GetValue(output) is "table" or "wide")
                Conclude(result, list);
            return Task.FromResult(0);
        });
        return command;
    }

    public static Command CreateCheck()
    {
        var (scope, output) = (new ScopeOptions(), Format());
        var all = new Option<bool>("--all") { Description = "show what is sound, too" };
        var command = new ExampleCommand(
            "check",
            "Tell which certificates expire soon or are wrong; exit with 1 where there is one",
            "sealock pki check --dir cluster --within 30d",
            "sealock pki check || mail -s 'certificates' admin@example.com < /dev/null")
        {
            output, all,
        };
        scope.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var list = Read(scope, result, cancellationToken);
            var rows = result.GetValue(all) ? null : list.Rows.Where(CertificateList.IsDue).ToList();
            var format = result.GetRequiredValue(output);
            if (rows is not { Count: 0 } || format is not ("table" or "wide"))
                Write(result, format, list, rows);
            if (format is "table" or "wide")
            {
                var writer = result.InvocationConfiguration.Output;
                if (ListPage.Due(list) is { Count: > 0 } due)
                {
                    if (rows is not { Count: 0 })
                        writer.WriteLine();
                    FindingPage.Write(writer, due, Terminal.Current(), withReasons: false);
                    writer.WriteLine();
                }

                Conclude(result, list);
            }

            return Task.FromResult(list.NeedsAttention ? 1 : 0);
        });
        return command;
    }

    private static CertificateList Read(ScopeOptions scope, ParseResult result, CancellationToken cancellationToken)
    {
        var survey = scope.Read(result, certificatesOnly: true, TimeProvider.System, cancellationToken);
        return CertificateList.Of(survey, Verifier.RunCertificates(survey));
    }

    private static void Write(ParseResult result, string format, CertificateList list, IReadOnlyList<CertificateRow>? rows)
    {
        var output = result.InvocationConfiguration.Output;
        switch (format)
        {
            case "json" or "yaml":
                OutputFormat.Write(output, format, ListJson.Of(list, rows));
                break;
            case "csv":
                ListCsv.Write(output, list, rows);
                break;
            case "prometheus":
                MetricsPage.Write(output, list);
                break;
            default:
                ListPage.Write(output, list, format == "wide", Terminal.Current().Width, rows);
                break;
        }
    }

    private static void Conclude(ParseResult result, CertificateList list)
    {
        var output = result.InvocationConfiguration.Output;
        if (!list.NeedsAttention)
            output.WriteLine($"{ListPage.Summary(list)}. Nothing has to be done.");
        else
            output.WriteLine($"{ListPage.Summary(list)}. sealock pki verify tells why, and how to put it right.");
    }

    private static Option<string> Format()
    {
        var option = new Option<string>("--output", "-o") { Description = "table, wide, json, yaml, csv, or prometheus (a page for node-exporter's textfile collector)", DefaultValueFactory = _ => "table" };
        option.AcceptOnlyFromAmong("table", "wide", "json", "yaml", "csv", "prometheus");
        return option;
    }
}
