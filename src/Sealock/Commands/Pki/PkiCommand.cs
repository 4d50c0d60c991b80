// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki</c>: the certificates of a whole cluster, from the first day to the rotation of its CA.</summary>
internal static class PkiCommand
{
    public static Command Create() => new ExampleCommand(
        "pki",
        "The certificates of a whole cluster: make, list, verify, renew, rotate, distribute",
        "sealock pki init --out cluster --node master1=10.0.0.1",
        "sealock pki check --dir cluster --within 30d")
    {
        InitCommand.Create(),
        ImportCommand.Create(),
        ListCommand.CreateList(),
        ListCommand.CreateCheck(),
        VerifyCommand.Create(),
        FlagsCommand.Create(),
        RenewCommand.Create(),
        RotateCommand.Create(),
        DistributeCommand.Create(),
    };
}
