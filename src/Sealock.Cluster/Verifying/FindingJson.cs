// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Cluster.Verifying;

/// <summary>Findings as JSON, which is also their YAML.</summary>
public static class FindingJson
{
    /// <summary>One finding.</summary>
    public static JsonObject Of(Finding finding) => new()
    {
        ["rule"] = finding.Rule,
        ["severity"] = finding.Severity.ToString().ToLowerInvariant(),
        ["node"] = finding.Node,
        ["subject"] = finding.Subject,
        ["path"] = finding.Path,
        ["what"] = finding.What,
        ["why"] = finding.Why,
        ["fix"] = finding.Fix,
    };

    /// <summary>All findings, and how many there are of each severity.</summary>
    public static JsonObject Of(IReadOnlyList<Finding> findings) => new()
    {
        ["errors"] = findings.Count(finding => finding.Severity == Severity.Error),
        ["warnings"] = findings.Count(finding => finding.Severity == Severity.Warning),
        ["infos"] = findings.Count(finding => finding.Severity == Severity.Info),
        ["findings"] = new JsonArray([.. findings.Select(Of)]),
    };
}
