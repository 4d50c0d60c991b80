// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.Revocation.Definitions;

/// <summary>What <c>kubectl get</c> shows of the kinds of revocation.</summary>
internal static class RevocationColumns
{
    public static ImmutableArray<Column> Certificates { get; } =
    [
        Cells.Name,
        PrinterColumns.Field("Authority", "spec.authority.subject", "The CA that issued the certificate."),
        PrinterColumns.Field("Serial", "spec.serialNumber", "Serial number of the certificate."),
        PrinterColumns.Field("Subject", "spec.subject", "Subject of the certificate."),
        PrinterColumns.Field("Reason", "spec.reason", "Why it was revoked."),
        PrinterColumns.Field("Note", "spec.note", "What is worth knowing.", priority: 1),
        PrinterColumns.Age,
    ];

    public static ImmutableArray<Column> Access { get; } =
    [
        Cells.Name,
        PrinterColumns.Field("User", "spec.user", "The user that is locked out."),
        PrinterColumns.Field("Key", "spec.publicKeySha256", "The key that is locked out.", priority: 1),
        PrinterColumns.Field("Credential", "spec.credential", "The credential that is locked out.", priority: 1),
        PrinterColumns.Field("Note", "spec.note", "What is worth knowing."),
        PrinterColumns.Age,
    ];

    public static ImmutableArray<Column> Lists { get; } =
    [
        Cells.Name,
        PrinterColumns.Field("Authority", "spec.authority.subject", "The CA."),
        Number("Entries", "entries", "How many certificates are on the list."),
        Number("Number", "number", "The number of the list.", priority: 1),
        PrinterColumns.Field("Updated", "status.thisUpdate", "From when on the list is good."),
        PrinterColumns.Field("Next", "status.nextUpdate", "By when there is a newer one."),
        PrinterColumns.Condition("Ready", "Ready", "status", "Whether the list is up to date."),
        PrinterColumns.Age,
    ];

    private static Column Number(string name, string field, string description, int priority = 0) => new()
    {
        Name = name,
        Type = "integer",
        Description = description,
        Priority = priority,
        JsonPath = ".status." + field,
        Cell = (writer, item, _) =>
        {
            if (Cells.Find(item, "status", field) is { ValueKind: JsonValueKind.Number } number)
                writer.WriteNumberValue(number.GetInt64());
            else
                writer.WriteNullValue();
        },
    };
}
