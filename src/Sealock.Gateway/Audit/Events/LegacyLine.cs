// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sealock.Api.Objects;
using Sealock.Gateway.Audit.Policies;

namespace Sealock.Gateway.Audit.Events;

/// <summary>Events as one line of text with some of what they say: kube-apiserver's format <c>legacy</c>.</summary>
internal static class LegacyLine
{
    /// <summary>Writes an event.</summary>
    public static AuditRecord Write(AuditEvent audit, AuditStages stage)
    {
        var record = new AuditRecord();
        Encoding.UTF8.GetBytes(Format(audit, stage), record);
        return record;
    }

    /// <summary>The line, with its end.</summary>
    public static string Format(AuditEvent audit, AuditStages stage)
    {
        var user = audit.User is { Name.Length: > 0 } known ? known : null;
        var line = new StringBuilder(256);
        line.Append(Time(audit.Received)).Append(" AUDIT:");
        Add("id", audit.AuditId);
        Add("stage", stage.ToString());
        Add("ip", audit.SourceIps is [var client, ..] ? client.ToString() : "<unknown>");
        Add("method", audit.Info.Verb);
        Add("user", user?.Name ?? "<none>");
        Add("groups", user is { Groups.Length: > 0 } ? Quoted(user.Groups) : "<none>");
        Add("as", audit.ImpersonatedUser?.Name ?? "<self>");
        Add("asgroups", audit.ImpersonatedUser is { } other ? Quoted(other.Groups) : "<lookup>");
        Add("namespace", audit.Namespace.Length > 0 ? audit.Namespace : "<none>");
        Add("uri", audit.RequestUri);
        Add("response", audit.Outcome?.Code.ToString(CultureInfo.InvariantCulture) ?? "<deferred>");
        return line.Append('\n').ToString();

        void Add(string name, string value) => line.Append(' ').Append(name).Append('=').Append(GoText.Quote(value));
    }

    /// <summary>Go's RFC3339Nano: no zeros at the end of the fraction.</summary>
    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    private static string Quoted(ImmutableArray<string> texts) => string.Join(',', texts.Select(GoText.Quote));
}
