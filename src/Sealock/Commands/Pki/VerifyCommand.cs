// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Cluster.Verifying;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki verify</c>: everything that is wrong with a cluster's certificates and with the settings around them.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var (scope, output) = (new ScopeOptions(), OutputFormat.Option());
        var strict = new Option<bool>("--strict") { Description = "exit with 1 where there are warnings, too" };
        var errors = new Option<bool>("--errors") { Description = "show errors only" };
        var command = new ExampleCommand(
            "verify",
            "Find what is wrong with a cluster's certificates, keys, kubeconfigs, manifests and configurations: what, why, and how to put it right",
            "sealock pki verify --dir cluster",
            "sealock pki verify --dir /etc/kubernetes/pki --strict",
            "sealock pki verify --dir /srv/kubernetes -o json")
        {
            strict, errors, output,
        };
        scope.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var survey = scope.Read(result, certificatesOnly: false, TimeProvider.System, cancellationToken);
            var findings = Verifier.Run(survey);
            var bad = findings.Any(finding => finding.Severity == Severity.Error || (finding.Severity == Severity.Warning && result.GetValue(strict)));
            var shown = result.GetValue(errors) ? [.. findings.Where(finding => finding.Severity == Severity.Error)] : findings;
            var writer = result.InvocationConfiguration.Output;
            if (result.GetValue(output) is "json" or "yaml")
            {
                OutputFormat.Write(writer, result.GetValue(output), FindingJson.Of(shown));
                return Task.FromResult(bad ? 1 : 0);
            }

            FindingPage.Write(writer, shown, Terminal.Current());
            if (shown.Count > 0)
                writer.WriteLine();
            writer.WriteLine($"{survey.Leaves.Count + survey.Authorities.Count} certificates, {survey.Components.Count} components, {survey.Files.Count} files: "
                + (findings.Count == 0 ? "nothing is wrong." : $"{FindingPage.Summary(findings)}."));
            return Task.FromResult(bad ? 1 : 0);
        });
        return command;
    }
}
