namespace OrleansFlow.Standalone.DataFolders;

/// <summary>Why an embedded host could not start. Never persisted; stable for exit codes and tests.</summary>
public enum StartProblem
{
    /// <summary>No PostgreSQL of a supported version is on this machine.</summary>
    NotInstalled = 1,

    /// <summary>The data folder was made by another major version of PostgreSQL than those installed.</summary>
    VersionMismatch = 2,

    /// <summary>Another host works on the data folder.</summary>
    Locked = 3,

    /// <summary>The file system refused a folder or file to this user, or to the user PostgreSQL runs as.</summary>
    PermissionDenied = 4,

    /// <summary>A folder belongs to another user.</summary>
    ForeignOwner = 5,

    /// <summary>The file system is full.</summary>
    DiskFull = 6,

    /// <summary>The path of the Unix socket exceeds what the operating system allows.</summary>
    SocketPathTooLong = 7,

    /// <summary>The folder holds something that is no complete database.</summary>
    Damaged = 8,

    /// <summary>PostgreSQL ended or refused for a reason of its own; the message quotes it.</summary>
    ServerFailed = 9,

    /// <summary>The operating system or the account lacks what the embedded host needs.</summary>
    Unsupported = 10,

    /// <summary>Another process listens on a port that was asked for.</summary>
    PortInUse = 11,

    /// <summary>A setting is wrong, or several are; the message names all of them.</summary>
    Settings = 12,
}

/// <summary>
/// An embedded host cannot start, told for the person at the terminal: what happened and where
/// (<see cref="Exception.Message"/>), and what to do about it (<see cref="WhatToDo"/>). Print both; the stack trace helps nobody.
/// </summary>
public sealed class HostStartException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="problem">The kind of problem.</param>
    /// <param name="message">What happened, and where.</param>
    /// <param name="whatToDo">The next step for the reader.</param>
    /// <param name="inner">The cause, when there is one.</param>
    public HostStartException(StartProblem problem, string message, string whatToDo, Exception? inner = null)
        : base(message, inner)
    {
        Problem = problem;
        WhatToDo = whatToDo;
    }

    /// <summary>The kind of problem.</summary>
    public StartProblem Problem { get; }

    /// <summary>What the reader can do about it: one or two sentences, commands included.</summary>
    public string WhatToDo { get; }
}
